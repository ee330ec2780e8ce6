// The documents: a list of works, and one document to read, with its outline.

import { documentOf, documents } from "./api.js";
import { byId, h, quoted, say } from "./dom.js";
import { pieces, within } from "./marks.js";
import { digestBadge, listed, officialLink, problemCard, skeleton, versionLinks } from "./parts.js";
import { addressOf } from "./route.js";
import { dateOf, nameOf, numberOf, t } from "./words.js";

export function documentsView(main, url, signal) {
  const below = h("div", {}, skeleton());
  main.replaceChildren(h("h1", { tabindex: "-1" }, t("documents")), below);
  list(below, signal);
  return t("documents");
}

async function list(below, signal) {
  try {
    const { documents: all } = await documents();
    if (signal.aborted) return;
    const works = new Map();
    for (const each of all) works.set(each.work, [...(works.get(each.work) ?? []), each]);
    say(t("corpus.count", { documents: numberOf(all.length), languages: numberOf(new Set(all.map((each) => each.language)).size) }));
    below.replaceChildren(h("ul", { class: "plain" }, [...works.values()].map(workItem)));
  } catch (problem) {
    if (!signal.aborted) below.replaceChildren(problemCard(problem, () => list(below, signal)));
  }
}

function workItem(versions) {
  const here = document.documentElement.lang;
  const shown = versions.find((each) => each.language === here) ?? versions.find((each) => each.language === "en") ?? versions[0];
  return h("li", { class: "card" },
    h("h2", {}, h("a", { class: "title", lang: shown.language, dir: "auto", href: addressOf(shown.id) }, shown.title || shown.file),
      digestBadge(shown)),
    h("p", { class: "where" }, listed([shown.symbol, shown.publisher, dateOf(shown.date), t("paragraphs.count", { n: numberOf(shown.paragraphs) })])),
    h("p", { class: "versions" }, versions.map((each) =>
      h("a", { href: addressOf(each.id), lang: each.language, hreflang: each.language }, nameOf(each.language)))));
}

export function documentView(main, url, signal) {
  const id = url.pathname.slice("/d/".length).split("/").map(decodeURIComponent).join("/");
  main.replaceChildren(h("h1", { tabindex: "-1" }, t("loading")), skeleton());
  read(main, id, url, signal);
  return t("documents");
}

async function read(main, id, url, signal) {
  try {
    const [about, { documents: all }] = await Promise.all([documentOf(id), documents()]);
    if (signal.aborted) return;
    const others = all.filter((each) => each.work === about.work && each.id !== about.id);
    const [start, end] = (url.searchParams.get("mark") ?? "").split("-").map(Number);
    const { body, outline } = laidOut(about, { start: start || 0, end: end || 0 });
    document.title = `${about.symbol ?? about.title} · Sextant`;
    main.replaceChildren(
      h("header", { class: "about" },
        quoted("h1", about.language, { tabindex: "-1" }, about.title || about.file),
        h("p", { class: "where" }, listed([about.symbol, about.publisher, dateOf(about.date), nameOf(about.language)]), digestBadge(about)),
        h("p", { class: "links" }, officialLink(about.url), about.licence && h("span", { class: "licence" }, about.licence)),
        versionLinks(others.map((each) => ({ language: each.language, document_id: each.id, href: addressOf(each.id) })))),
      h("div", { class: "reader" },
        h("div", { class: "outline" }, jump(about), outlined(outline, about.language)),
        quoted("article", about.language, { "aria-label": about.title }, body)));
    say(t("document.open", { n: numberOf(about.paragraphs.length) }));
    if (!toHash()) main.querySelector("h1").focus({ preventScroll: true });
  } catch (problem) {
    if (!signal.aborted) main.replaceChildren(h("h1", { class: "unseen" }, t("documents")), problemCard(problem, () => read(main, id, url, signal)));
  }
}

// Headings where the path changes, and paragraphs with an address each.
function laidOut(about, marked) {
  const body = [], outline = [], seen = new Map();
  let path = [];
  const anchor = (label) => {
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    return count > 1 ? `para-${label}~${count}` : `para-${label}`;
  };
  for (const paragraph of about.paragraphs) {
    const same = paragraph.heading.findIndex((each, depth) => each !== path[depth]);
    const from = same < 0 ? paragraph.heading.length : same;
    paragraph.heading.slice(from).forEach((text, deeper) => {
      const depth = from + deeper;
      const id = `head-${outline.length + 1}`;
      outline.push({ id, text, depth });
      body.push(h(`h${Math.min(depth + 2, 6)}`, { id, tabindex: "-1" }, text));
    });
    path = paragraph.heading;
    body.push(paragraphOf(paragraph, marked, paragraph.label && anchor(paragraph.label)));
    for (const note of paragraph.notes) {
      body.push(h("p", { class: "note", id: `note-${note.label}` }, h("span", { class: "label" }, note.label), " ", words(note, marked)));
    }
  }
  return { body, outline };
}

function paragraphOf(paragraph, marked, id) {
  return h("p", { class: `para ${paragraph.part}`, id, tabindex: id && "-1" },
    id && h("a", { class: "label", href: `#${encodeURIComponent(id)}`, "aria-label": t("link.to", { label: paragraph.label }) }, paragraph.label),
    " ", words(paragraph, marked));
}

function words(unit, marked) {
  const span = within(marked.start, marked.end, unit.start, unit.end);
  return pieces(unit.text, span ? [span] : []).map(([text, found]) => (found ? h("mark", {}, text) : text));
}

function outlined(outline, language) {
  if (!outline.length) return null;
  return h("details", { class: "toc", open: !matchMedia("(max-width: 64rem)").matches }, h("summary", {}, t("outline")),
    quoted("nav", language, { "aria-label": t("outline") }, h("ul", { class: "plain" }, outline.map(({ id, text, depth }) =>
      h("li", { class: `depth-${Math.min(depth, 3)}` }, h("a", { href: `#${id}` }, text))))));
}

function jump(about) {
  const labels = [...new Set(about.paragraphs.map((each) => each.label).filter(Boolean))];
  if (!labels.length) return null;
  const wrong = h("p", { class: "wrong", id: "jump-wrong", role: "alert" });
  const box = h("input", { id: "jump", list: "labels", autocomplete: "off", size: 8, "aria-describedby": "jump-wrong" });
  return h("form", { class: "jump", onsubmit: (event) => {
    event.preventDefault();
    const label = labels.find((each) => each === box.value.trim().replace(/\s+/g, ""));
    wrong.textContent = label ? "" : t("jump.none", { first: labels[0], last: labels.at(-1) });
    if (!label) return;
    location.hash = encodeURIComponent(`para-${label}`);
    toHash();
  } }, h("label", { for: "jump" }, t("jump")), h("div", { class: "row" }, box, h("button", { type: "submit" }, t("jump.do"))),
  h("datalist", { id: "labels" }, labels.map((each) => h("option", { value: each }))), wrong);
}

// Shows the place that the address names, or else the first marked words; false when there is neither.
export function toHash() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* as it is */ }
  const found = id ? byId(id) : null;
  for (const each of document.querySelectorAll(".here")) each.classList.remove("here");
  const place = document.querySelector("article mark") ?? found;
  found?.classList.add("here");
  found?.focus({ preventScroll: true });
  (found && found.id.startsWith("head-") ? found : found?.querySelector("mark") ?? found ?? place)?.scrollIntoView({ block: found?.id.startsWith("head-") ? "start" : "center" });
  return Boolean(place);
}
