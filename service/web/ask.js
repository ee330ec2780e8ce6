// A question and those that follow it up, each with its answer, which comes as it is written.

import { inBrief, inFull, spoken } from "./answer.js";
import { answerAt, ask, documents, holdAnswer } from "./api.js";
import { coarse, h, say } from "./dom.js";
import { problemCard, skeleton } from "./parts.js";
import { questions, remember } from "./past.js";
import { filtersIn, go } from "./route.js";
import { followedBy, historyOf, MOST, turnsOf } from "./thread.js";
import { numberOf, t } from "./words.js";

const EXAMPLES = 3;
const FAIR_TITLE = [6, 90]; // characters: neither 'Annex' nor a sentence

export function askView(main, url, signal) {
  const turns = turnsOf(url);
  const asked = turns.at(-1)?.question ?? "";
  const following = turns.length > 1; // then the box above is for a question of its own
  const given = following ? "" : asked;
  const box = h("input", { id: "question", name: "q", type: "text", dir: "auto", autocomplete: "off",
    enterkeyhint: "search", required: true, value: given, placeholder: t("ask.hint") });
  const form = h("form", { class: "ask", role: "search", "aria-label": t("ask"), onsubmit: (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (text) go(`/?${new URLSearchParams({ q: text })}`, { replace: text === given });
  } }, h("label", { for: "question" }, t(following ? "new" : "question")),
  h("div", { class: "row" }, box, h("button", { type: "submit" }, t("ask.do"))));
  const below = h("div", { class: "below" });
  main.replaceChildren(following ? h("h1", { class: "unseen" }, t("thread"))
    : h("h1", { class: asked ? "unseen printed" : "", dir: "auto" }, asked || t("ask.title")), form, below);
  if (!coarse() && !following) box.focus({ preventScroll: true });
  if (asked) converse(below, turns, filtersIn(url.searchParams), signal);
  else welcome(below, signal);
  return asked || t("ask");
}

async function welcome(below, signal) {
  say("");
  below.replaceChildren(h("p", { class: "lead" }, t("ask.lead")), skeleton());
  try {
    const { documents: all } = await documents();
    if (signal.aborted) return;
    const languages = new Set(all.map((each) => each.language));
    below.replaceChildren(...[h("p", { class: "lead" }, t("ask.lead")),
      h("p", { class: "count" }, t("corpus.count", { documents: numberOf(all.length), languages: numberOf(languages.size) }), " ",
        h("a", { href: "/documents" }, t("documents.see"))),
      tryThese(all), earlier()].filter(Boolean));
  } catch (problem) {
    if (!signal.aborted) below.replaceChildren(problemCard(problem, () => welcome(below, signal)));
  }
}

// Questions about what the documents are called: nothing here knows their subject. Those in the
// reader's language come first, short titles before long ones.
function tryThese(all) {
  const here = document.documentElement.lang;
  const works = new Map();
  for (const each of all) if (!works.has(each.work) || each.language === here) works.set(each.work, each);
  const [shortest, longest] = FAIR_TITLE;
  const chosen = [...works.values()]
    .filter(({ title }) => title.length >= shortest && title.length <= longest)
    .sort((a, b) => (b.language === here) - (a.language === here) || a.title.length - b.title.length)
    .slice(0, EXAMPLES);
  if (!chosen.length) return null;
  return h("section", { class: "try" }, h("h2", {}, t("try")), h("ul", { class: "plain" }, chosen.map((each) => {
    const text = t("try.about", { title: each.title });
    return h("li", {}, h("a", { class: "chip", dir: "auto", href: `/?${new URLSearchParams({ q: text })}` }, text));
  })));
}

function earlier() {
  const asked = questions().slice(0, 5);
  if (!asked.length) return null;
  return h("section", { class: "try" }, h("h2", {}, t("earlier")),
    h("ul", { class: "plain" }, asked.map((each) => h("li", {}, h("a", { href: each.path, dir: "auto" }, each.text)))));
}

// Each question in its turn: what was said before goes along. Earlier answers are asked for again
// only where this page no longer has them.
async function converse(below, turns, filters, signal) {
  const said = [];
  below.replaceChildren();
  await null; // the view is in its place now: what follows may scroll
  for (const turn of turns) {
    const last = turn === turns.at(-1);
    const area = h("section", { class: last ? "turn now" : "turn" });
    below.append(area);
    const head = turns.length > 1 ? asHeading(turn, area) : null;
    if (head && last) {
      head.focus({ preventScroll: true });
      area.scrollIntoView();
    }
    const again = () => converse(below, turns, filters, signal);
    const given = (!last && answerAt(turn.path)) || await answer(area, head, { question: turn.question, filters, history: historyOf(said) }, again, signal);
    if (!given || signal.aborted) return;
    holdAnswer(turn.path, given);
    said.push({ question: turn.question, answer: given.answer });
    put(area, head, [understood(given.rewritten_question, turn.question), ...(last ? inFull(given, head ? 3 : 2) : inBrief(given)), last && next(turns)]);
    if (last) {
      remember("ask", turns[0].question, turn.path);
      say(spoken(given));
    }
  }
}

function asHeading(turn, area) {
  const head = h("h2", { id: `turn-${numberIn(area)}`, class: "asked", dir: "auto", tabindex: "-1" }, turn.question);
  area.setAttribute("aria-labelledby", head.id);
  area.append(head);
  return head;
}

// What follows the heading, which stays where it is: it may have the focus.
function put(area, head, parts) {
  while (area.lastChild !== head) area.lastChild.remove();
  area.append(...parts.filter(Boolean));
}

const numberIn = (area) => [...area.parentElement.children].indexOf(area) + 1;

// The answer as it comes; null when it did not, which the area then says.
async function answer(area, head, body, again, signal) {
  const text = h("p", { class: "answer", dir: "auto" });
  const doing = h("p", { class: "doing" }, t("searching"));
  const busy = h("div", { class: "busy", "aria-busy": "true" }, doing, skeleton(), text);
  put(area, head, [busy]);
  say(t("searching"));
  try {
    return await ask(body, {
      hits: ({ query, hits }) => {
        if (body.history.length && query !== body.question) busy.before(understood(query, body.question));
        doing.textContent = t("reading", { passages: numberOf(hits.length) });
      },
      text: ({ text: piece }) => {
        busy.querySelector(".skeleton")?.remove();
        text.append(piece);
      },
    }, signal);
  } catch (problem) {
    if (!signal.aborted) busy.replaceWith(problemCard(problem, again));
    return null;
  }
}

// What a follow-up was taken to ask, and the way out when that is not what was meant.
const understood = (rewritten, question) => rewritten && h("p", { class: "understood" }, t("understood"), " ",
  h("strong", { dir: "auto" }, rewritten), " ",
  h("a", { href: `/?${new URLSearchParams({ q: question })}` }, t("understood.not")));

// To ask on, or to begin afresh.
function next(turns) {
  const afresh = h("a", { href: "/" }, t("new"));
  if (turns.length === MOST) return h("p", { class: "follow" }, t("thread.long", { most: numberOf(MOST) }), " ", afresh);
  const box = h("input", { id: "follow", type: "text", dir: "auto", autocomplete: "off", enterkeyhint: "search", required: true });
  return h("form", { class: "follow", onsubmit: (event) => {
    event.preventDefault();
    if (box.value.trim()) go(followedBy(turns.at(-1).path, box.value.trim()));
  } }, h("p", {}, h("label", { for: "follow" }, t("follow")), afresh),
  h("div", { class: "row" }, box, h("button", { type: "submit", class: "quiet" }, t("ask.do"))));
}
