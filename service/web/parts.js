// Pieces that several views show: where something stands, hits, problems, an empty page.

import { h, icon, copy, quoted, say } from "./dom.js";
import { placeOf } from "./cite.js";
import { addressOf } from "./route.js";
import { dateOf, nameOf, numberOf, t } from "./words.js";

// Only http and https addresses become links: a document's url is data.
export const isWeb = (url) => /^https?:\/\//i.test(url || "");

export function officialLink(url) {
  if (!isWeb(url)) return null;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "official" },
    t("official"));
}

export const spanOf = (labels) =>
  labels.length > 1 ? `${labels[0]}–${labels.at(-1)}` : labels[0] ?? null;

// Each part is isolated: words of one direction must not pull the numbers of the next along.
export const listed = (parts) =>
  parts.filter(Boolean).map((part) => `\u2068${part}\u2069`).join(" · ");

// 'A/AC.105/1235 · para. 38 · English · 9 July 2021'
export function whereOf(item, label) {
  const place = placeOf({ paragraph: label, note: item.note, page: item.page });
  return listed([item.symbol, ...place, nameOf(item.language), dateOf(item.date)]);
}

export const digestBadge = (item) =>
  item.digest && h("span", { class: "badge", title: t("digest.why") }, t("digest"));

const legs = (hit) => h("details", { class: "legs" },
  h("summary", {}, t("scores")),
  h("table", {}, h("tbody", {}, [["score", hit.score], ...Object.entries(hit.scores)].map(([leg, score]) =>
    h("tr", {}, h("th", { scope: "row" }, t(`leg.${leg}`)), h("td", {}, numberOf(score, 4)))))));

export function versionLinks(versions) {
  if (!versions.length) return null;
  return h("p", { class: "versions" }, `${t("versions")} `, versions.map((version) =>
    h("a", { href: version.href ?? addressOf(version.document_id), lang: version.language, hreflang: version.language },
      nameOf(version.language))));
}

// `open(hit, origin)` shows the passage beside.
export function hitItem(hit, open, { scores = false } = {}) {
  const label = hit.paragraphs[0] ?? null;
  const place = { ...hit, paragraph: label };
  const link = h("a", {
    class: "title", lang: hit.language, dir: "auto", href: addressOf(hit.document_id, { label }),
    onclick: (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      open(place, event.currentTarget);
    },
  }, hit.title || hit.file);
  return h("li", { class: "card" },
    h("h3", {}, link, digestBadge(hit)),
    h("p", { class: "where" }, whereOf(hit, spanOf(hit.paragraphs))),
    hit.heading.length > 0 && quoted("p", hit.language, { class: "path" }, hit.heading.join(" › ")),
    quoted("p", hit.language, { class: "text" }, hit.text),
    hit.versions?.length > 0 && h("p", { class: "versions" }, t("versions"), " ",
      hit.versions.map((version) => nameOf(version.language)).join(", ")),
    scores && legs(hit));
}

export function copyButton(name, text) {
  const button = h("button", { type: "button", class: "quiet", onclick: async () => {
    const done = await copy(text());
    say(t(done ? "copied" : "copy.failed"));
    button.classList.toggle("done", done);
    setTimeout(() => button.classList.remove("done"), 1500);
  } }, name);
  return button;
}

export const skeleton = () => h("div", { class: "skeleton", "aria-hidden": "true" },
  h("span"), h("span"), h("span"), h("span"));

const NO_INDEX = new Set(["index-missing", "index-corrupt", "encoder-mismatch", "index-unavailable"]);
const KNOWN = new Set(["unreachable", "internal", "empty-question", "question-too-long", "unknown-document"]);

// What went wrong, in the reader's language where we have words for it, and what to do.
export function problemCard(problem, again) {
  const { kind, body = {} } = problem;
  const missing = NO_INDEX.has(kind);
  const name = missing ? (kind === "index-missing" ? "no-index" : "bad-index") : KNOWN.has(kind) ? kind : "other";
  const title = t(`problem.${name}`);
  say(title);
  return h("section", { class: `state ${missing ? "noindex" : "bad"}`, role: "group", "aria-label": title },
    h("h2", {}, title),
    h("p", {}, t(`problem.${name}.do`, { limit: body.limit ?? "" })),
    body.detail && !KNOWN.has(kind) && !missing && h("p", { class: "detail", lang: "en", dir: "ltr" }, body.detail),
    body.command && h("p", { class: "command" }, h("code", { dir: "ltr" }, body.command),
      copyButton(t("copy"), () => body.command)),
    again && h("button", { type: "button", onclick: again }, t("again")));
}

export const closeButton = (close) =>
  h("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: close }, icon("close"));
