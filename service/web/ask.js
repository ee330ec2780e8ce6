// A question and its answer, which comes as it is written.

import { ask, documents } from "./api.js";
import { h, quoted, say, coarse } from "./dom.js";
import { opinionBar } from "./opinion.js";
import { openPanel } from "./panel.js";
import { pieces } from "./marks.js";
import { digestBadge, hitItem, officialLink, problemCard, skeleton, whereOf } from "./parts.js";
import { keep, questions, remember } from "./past.js";
import { addressOf, filtersIn, go } from "./route.js";
import { numberOf, t } from "./words.js";

const EXAMPLES = 3;
const FAIR_TITLE = [6, 90]; // characters: neither 'Annex' nor a sentence

export function askView(main, url, signal) {
  const question = url.searchParams.get("q")?.trim() ?? "";
  const box = h("input", { id: "question", name: "q", type: "text", dir: "auto", autocomplete: "off",
    enterkeyhint: "search", required: true, value: question, placeholder: t("ask.hint") });
  const form = h("form", { class: "ask", role: "search", "aria-label": t("ask"), onsubmit: (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (text) go(`/?${new URLSearchParams({ q: text })}`, { replace: text === question });
  } }, h("label", { for: "question" }, t("question")),
  h("div", { class: "row" }, box, h("button", { type: "submit" }, t("ask.do"))));
  const below = h("div", { class: "below" });
  main.replaceChildren(h("h1", { class: question ? "unseen" : "", dir: "auto" }, question || t("ask.title")), form, below);
  if (!coarse()) box.focus({ preventScroll: true });
  if (question) answer(below, question, filtersIn(url.searchParams), signal);
  else welcome(below, signal);
  return question || t("ask");
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

async function answer(below, question, filters, signal) {
  const text = h("p", { class: "answer", dir: "auto" });
  const doing = h("p", { class: "doing" }, t("searching"));
  const area = h("section", { "aria-busy": "true", "aria-label": t("answer") }, doing, skeleton(), text);
  below.replaceChildren(area);
  say(t("searching"));
  try {
    const given = await ask({ question, filters }, {
      hits: ({ hits }) => { doing.textContent = t("reading", { passages: numberOf(hits.length) }); },
      text: ({ text: piece }) => {
        area.querySelector(".skeleton")?.remove();
        text.append(piece);
      },
    }, signal);
    if (signal.aborted) return;
    remember("ask", question, location.pathname + location.search);
    below.replaceChildren(...(given.abstained ? withheld(given, question) : answered(given)));
  } catch (problem) {
    if (signal.aborted) return;
    below.replaceChildren(problemCard(problem, () => answer(below, question, filters, signal)));
  }
}

// A citation, with what only the hit it was taken from knows: its language and other versions.
function knowing(citation, hits) {
  const hit = hits.find((each) => each.passage_id === citation.passage_id);
  return { ...citation, language: hit?.language, date: hit?.date, versions: hit?.versions ?? [] };
}

function answered(given) {
  const cited = given.citations.map((each) => knowing(each, given.hits));
  const byNumber = new Map(cited.map((each) => [String(each.n), each]));
  say(t("answer.ready", { sources: numberOf(cited.length) }));
  const spans = cited.map((each) => ({ start: each.answer_start, end: each.answer_end, each }));
  const words = pieces(given.answer, spans).flatMap(([text, span]) =>
    // A writer that words its own sentences is not quoting there: its quotes are in the sources.
    span && text === span.each.quote ? [quoted("q", span.each.language, {}, text)] : withMarkers(text, byNumber));
  return [
    h("section", { "aria-labelledby": "answer-title" },
      h("h2", { id: "answer-title", class: "unseen" }, t("answer")),
      quoted("p", given.language, { class: "answer" }, words),
      opinionBar(given)),
    h("section", { "aria-labelledby": "sources-title" },
      h("h2", { id: "sources-title" }, t("sources")),
      h("ol", { class: "sources" }, cited.map(source))),
    found(t("passages"), given.hits),
    footnote(given),
  ];
}

function withMarkers(text, byNumber) {
  return text.split(/(\[\d+\])/).map((piece) => {
    const cited = byNumber.get(piece.slice(1, -1));
    return cited && /^\[\d+\]$/.test(piece) ? marker(cited, piece) : piece;
  });
}

const placed = (cited) => addressOf(cited.document_id, { label: cited.paragraph, start: cited.start, end: cited.end });

// A link, so that it can be opened in another tab; a plain press opens the passage beside.
function marker(cited, text, given = {}) {
  return h("a", { class: "ref", href: placed(cited), "data-n": cited.n, "aria-label": `${t("source", { n: cited.n })}: ${whereOf(cited, cited.paragraph)}`,
    onclick: (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      openPanel(cited, event.currentTarget);
    }, ...given }, text);
}

function source(cited) {
  const title = cited.title || cited.file;
  return h("li", { class: "card" },
    h("h3", {}, marker(cited, h("span", { class: "n" }, `[${cited.n}]`)), " ",
      h("span", { lang: cited.language, dir: "auto" }, title), digestBadge(cited)),
    h("p", { class: "where" }, whereOf(cited, cited.paragraph)),
    quoted("blockquote", cited.language, {}, cited.quote),
    h("p", { class: "links" }, h("a", { href: placed(cited) }, t("read")), officialLink(cited.url)));
}

function withheld(given, question) {
  const words = new URLSearchParams({ q: question });
  say(t(`abstained.${given.reason}`));
  return [
    h("section", { class: "state abstained", "aria-labelledby": "abstained-title" },
      h("h2", { id: "abstained-title" }, t("abstained")),
      quoted("p", given.language, { class: "answer" }, given.answer),
      h("p", {}, t(`abstained.${given.reason}`)),
      h("p", {}, h("a", { href: `/search?${words}` }, t("search.instead"))),
      opinionBar(given)),
    given.related.length > 0 && h("section", {}, h("h2", {}, t("related")),
      h("ol", { class: "plain" }, given.related.map((hit) => hitItem(hit, openPanel)))),
    footnote(given),
  ].filter(Boolean);
}

const found = (title, hits) => h("details", { class: "found", ontoggle: (event) => keep("found", event.currentTarget.open) },
  h("summary", {}, `${title} (${numberOf(hits.length)})`),
  h("ol", { class: "plain" }, hits.map((hit) => hitItem(hit, openPanel, { scores: true }))));

const footnote = (given) => h("p", { class: "footnote" },
  t("took", { ms: numberOf(given.took_ms.total ?? 0, 1), writer: given.writer, index: given.generation }));
