// The passage beside the answer: the cited words marked in their paragraph, and what surrounds it.

import { documentOf, passage } from "./api.js";
import { bibtex, placeOf, ris, un } from "./cite.js";
import { byId, h, quoted, say } from "./dom.js";
import { pieces, within } from "./marks.js";
import { closeButton, copyButton, digestBadge, listed, officialLink, problemCard, skeleton } from "./parts.js";
import { addressOf } from "./route.js";
import { dateOf, nameOf, t } from "./words.js";

const narrow = () => matchMedia("(max-width: 64rem)").matches;
const panel = () => byId("panel");
let origin = null; // what was pressed to open it: focus goes back there
let latest = 0;

export function closePanel({ focus = true } = {}) {
  if (panel().hidden) return;
  latest += 1;
  panel().hidden = true;
  document.body.classList.remove("beside");
  for (const each of document.querySelectorAll("[inert]")) each.inert = false;
  origin?.removeAttribute("aria-current");
  if (focus) origin?.focus();
  origin = null;
}

// `cited` has document_id, start, end; paragraph, note, page, url and versions where known.
export async function openPanel(cited, from) {
  const mine = ++latest;
  origin?.removeAttribute("aria-current");
  origin = from ?? origin;
  origin?.setAttribute("aria-current", "true");
  panel().hidden = false;
  document.body.classList.add("beside");
  if (narrow()) for (const id of ["top", "main", "foot"]) byId(id).inert = true;
  panel().replaceChildren(h("header", {}, h("h2", { id: "panel-title", tabindex: "-1" }, t("loading")),
    closeButton(() => closePanel())), skeleton());
  try {
    const about = await documentOf(cited.document_id);
    if (mine === latest) show(about, cited, unitsOf(about));
  } catch (problem) {
    if (mine !== latest) return;
    panel().replaceChildren(h("header", {}, h("h2", { id: "panel-title", tabindex: "-1" }, t("passage")),
      closeButton(() => closePanel())), problemCard(problem, () => openPanel(cited, from)));
  }
  if (mine === latest) byId("panel-title").focus({ preventScroll: true });
}

// What can be read one at a time: paragraphs, each followed by its notes.
function unitsOf(about) {
  return about.paragraphs.filter((each) => each.part !== "contents").flatMap((paragraph) => [
    { ...paragraph, note: null },
    ...paragraph.notes.map((note) => ({ ...paragraph, ...note, label: paragraph.label, note: note.label })),
  ]);
}

const touches = (cited) => (unit) => unit.start < cited.end && cited.start < unit.end;

function show(about, cited, units) {
  const shown = units.filter(touches(cited));
  const first = units.indexOf(shown[0]), last = units.indexOf(shown.at(-1));
  const place = { paragraph: shown[0]?.label ?? cited.paragraph, note: shown[0]?.note ?? cited.note, page: shown[0]?.page ?? cited.page };
  const address = addressOf(about.id, { label: place.paragraph, start: cited.start, end: cited.end });
  const title = about.symbol ?? about.title;
  panel().lang = document.documentElement.lang;
  panel().replaceChildren(
    h("header", {},
      h("h2", { id: "panel-title", tabindex: "-1" }, [title, ...placeOf(place)].join(t("cite.comma"))),
      closeButton(() => closePanel())),
    h("div", { class: "inside" },
      about.symbol && quoted("p", about.language, { class: "doctitle" }, about.title),
      h("p", { class: "where" }, listed([about.publisher, dateOf(about.date), nameOf(about.language)]),
        digestBadge(about)),
      shown[0]?.heading.length > 0 && quoted("nav", about.language, { class: "path", "aria-label": t("headings") },
        h("ol", {}, shown[0].heading.map((each) => h("li", {}, each)))),
      versionButtons(cited, place),
      h("div", { class: "side" },
        column(about, shown.map((unit) => paragraphOf(about, unit, cited))),
        h("div", { id: "other", hidden: true })),
      stepper(about, units, first, last),
      h("p", { class: "links" }, h("a", { href: address }, t("read")), officialLink(cited.url ?? about.url)),
      citing(about, place)));
  say(t("passage.shown"));
  panel().querySelector("mark")?.scrollIntoView({ block: "nearest" });
}

const column = (about, paragraphs) =>
  quoted("div", about.language, { class: "column" }, paragraphs);

function paragraphOf(about, unit, cited) {
  const span = cited.whole ? null : within(cited.start, cited.end, unit.start, unit.end);
  const words = pieces(unit.text, span ? [span] : []).map(([text, marked]) => (marked ? h("mark", {}, text) : text));
  return h("p", { class: unit.note ? "note" : "text" }, unit.label && h("span", { class: "label" }, unit.note ? t("cite.note", { label: unit.note }) : unit.label), " ", words);
}

function stepper(about, units, first, last) {
  const step = (unit, name, id) => h("button", { type: "button", class: "quiet", id, disabled: !unit, onclick: () => {
    const { start, end, label, note, page } = unit;
    show(about, { document_id: about.id, start, end, paragraph: label, note, page, whole: true }, units);
    (byId(id).disabled ? byId("panel-title") : byId(id)).focus({ preventScroll: true });
  } }, t(name));
  return h("div", { class: "stepper", role: "group", "aria-label": t("around") },
    step(units[first - 1], "previous", "previous"), step(units[last + 1], "next", "next"));
}

function versionButtons(cited, place) {
  if (!cited.versions?.length) return null;
  const buttons = cited.versions.map((version) => h("button", {
    type: "button", class: "quiet", lang: version.language, "aria-pressed": "false",
    onclick: (event) => beside(version, place, event.currentTarget),
  }, nameOf(version.language)));
  return h("div", { class: "versions", role: "group", "aria-label": t("versions") },
    h("span", {}, t("versions")), buttons);
}

// The same paragraph of another language version, next to this one.
async function beside(version, place, button) {
  const other = byId("other");
  const pressed = button.getAttribute("aria-pressed") === "true";
  for (const each of button.parentElement.querySelectorAll("button")) each.setAttribute("aria-pressed", "false");
  other.hidden = pressed;
  if (pressed) return;
  button.setAttribute("aria-pressed", "true");
  other.replaceChildren(skeleton());
  try {
    const [about, found] = await Promise.all([documentOf(version.document_id), passage(version.passage_id)]);
    const inside = unitsOf(about).filter(touches(found));
    const same = inside.filter((unit) => unit.label === place.paragraph && !unit.note);
    const shown = same.length ? same : inside;
    other.replaceChildren(
      h("p", { class: "where" }, nameOf(about.language), " · ",
        h("a", { href: addressOf(about.id, { label: shown[0]?.label }) }, t("read"))),
      column(about, shown.map((unit) => paragraphOf(about, unit, { whole: true }))));
    say(`${t("versions")} ${nameOf(about.language)}`);
  } catch (problem) {
    other.replaceChildren(problemCard(problem, () => {
      button.setAttribute("aria-pressed", "false");
      beside(version, place, button);
    }));
  }
}

const citing = (about, place) => h("div", { class: "citing", role: "group", "aria-label": t("cite") },
  h("span", {}, t("cite")),
  copyButton(t("cite.un"), () => un(about, place)),
  copyButton("BibTeX", () => bibtex(about, place)),
  copyButton("RIS", () => ris(about, place)));
