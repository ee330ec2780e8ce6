// What is shown of one answer: its words with their markers, its sources, or why it is withheld.

import { h, quoted } from "./dom.js";
import { opinionBar } from "./opinion.js";
import { openPanel } from "./panel.js";
import { pieces } from "./marks.js";
import { digestBadge, hitItem, officialLink, whereOf } from "./parts.js";
import { addressOf } from "./route.js";
import { numberOf, t } from "./words.js";

// The whole of it, under headings of level `at`.
export function inFull(given, at) {
  return given.abstained ? withheld(given, at) : answered(given, at);
}

// An earlier one: what it said, and its sources on demand.
export function inBrief(given) {
  if (given.abstained) return [words(given)];
  const cited = citedBy(given);
  return [words(given, cited), doubt(given), h("details", { class: "found" },
    h("summary", {}, `${t("sources")} (${numberOf(cited.length)})`),
    h("ol", { class: "sources" }, cited.map((each) => source(each, 3))))].filter(Boolean);
}

// What a screen reader is told when the answer is there.
export function spoken(given) {
  return [given.rewritten_question && `${t("understood")} ${given.rewritten_question}`,
    given.abstained ? t(`abstained.${given.reason}`) : t("answer.ready", { sources: numberOf(given.citations.length) }),
    given.uncertain && t("uncertain"),
  ].filter(Boolean).join(" · ");
}

const doubt = (given) => given.uncertain && h("p", { class: "doubt" }, t("uncertain"));

const heading = (level, id, name, more) => h(`h${level}`, { id, ...more }, t(name));

function answered(given, at) {
  const cited = citedBy(given);
  return [
    h("section", { "aria-labelledby": "answer-title" },
      heading(at, "answer-title", "answer", { class: "unseen" }),
      words(given, cited),
      doubt(given),
      opinionBar(given)),
    h("section", { "aria-labelledby": "sources-title" },
      heading(at, "sources-title", "sources"),
      h("ol", { class: "sources" }, cited.map((each) => source(each, at + 1)))),
    found(t("passages"), given.hits),
    footnote(given),
  ];
}

function withheld(given, at) {
  const search = new URLSearchParams({ q: given.rewritten_question ?? given.question });
  return [
    h("section", { class: "state abstained", "aria-labelledby": "abstained-title" },
      heading(at, "abstained-title", "abstained"),
      words(given),
      h("p", {}, t(`abstained.${given.reason}`)),
      h("p", {}, h("a", { href: `/search?${search}` }, t("search.instead"))),
      opinionBar(given)),
    given.related.length > 0 && h("section", {}, heading(at, null, "related"),
      h("ol", { class: "plain" }, given.related.map((hit) => hitItem(hit, openPanel)))),
    footnote(given),
  ].filter(Boolean);
}

// The citations, each with what only the hit it was taken from knows: its language and versions.
const citedBy = (given) => given.citations.map((each) => {
  const hit = given.hits.find(({ passage_id }) => passage_id === each.passage_id);
  return { ...each, language: hit?.language, date: hit?.date, versions: hit?.versions ?? [] };
});

function words(given, cited = []) {
  const byNumber = new Map(cited.map((each) => [String(each.n), each]));
  const spans = cited.map((each) => ({ start: each.answer_start, end: each.answer_end, each }));
  return quoted("p", given.language, { class: "answer" }, pieces(given.answer, spans).flatMap(([text, span]) =>
    // A writer that words its own sentences is not quoting there: its quotes are in the sources.
    span && text === span.each.quote ? [quoted("q", span.each.language, {}, text)] : withMarkers(text, byNumber)));
}

function withMarkers(text, byNumber) {
  return text.split(/(\[\d+\])/).map((piece) => {
    const cited = byNumber.get(piece.slice(1, -1));
    return cited && /^\[\d+\]$/.test(piece) ? marker(cited, piece) : piece;
  });
}

const placed = (cited) => addressOf(cited.document_id, { label: cited.paragraph, start: cited.start, end: cited.end });

// A link, so that it can be opened in another tab; a plain press opens the passage beside.
function marker(cited, text) {
  return h("a", { class: "ref", href: placed(cited), "data-n": cited.n, "aria-label": `${t("source", { n: cited.n })}: ${whereOf(cited, cited.paragraph)}`,
    onclick: (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      openPanel(cited, event.currentTarget);
    } }, text);
}

function source(cited, level) {
  const title = cited.title || cited.file;
  return h("li", { class: "card" },
    h(`h${level}`, {}, marker(cited, h("span", { class: "n" }, `[${cited.n}]`)), " ",
      h("span", { lang: cited.language, dir: "auto" }, title), digestBadge(cited)),
    h("p", { class: "where" }, whereOf(cited, cited.paragraph)),
    quoted("blockquote", cited.language, {}, cited.quote),
    h("p", { class: "links" }, h("a", { href: placed(cited) }, t("read")), officialLink(cited.url)));
}

const found = (title, hits) => h("details", { class: "found" },
  h("summary", {}, `${title} (${numberOf(hits.length)})`),
  h("ol", { class: "plain" }, hits.map((hit) => hitItem(hit, openPanel, { scores: true }))));

const footnote = (given) => h("p", { class: "footnote" },
  t("took", { ms: numberOf(given.took_ms.total ?? 0, 1), writer: given.writer, index: given.generation }));
