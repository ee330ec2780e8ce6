// The page: which view an address shows, the interface's language, and the keyboard.

import { askView } from "./ask.js";
import { documentsView, documentView, toHash } from "./documents.js";
import { byId, h } from "./dom.js";
import { historyView } from "./history.js";
import { closePanel } from "./panel.js";
import { closeButton } from "./parts.js";
import { keep, kept } from "./past.js";
import { follow, onShow } from "./route.js";
import { searchView } from "./search.js";
import { LANGUAGES, language, learn, t } from "./words.js";

const VIEWS = [["/search", searchView], ["/documents", documentsView], ["/history", historyView], ["/d/", documentView], ["/", askView]];
const MENU = [["/", "ask"], ["/search", "search"], ["/documents", "documents"], ["/history", "history"]];
const KEYS = ["/", "f", "1", "Esc", "←", "?"];
let going = new AbortController(); // what the view before was still waiting for ends with it
let shown = "";

// `anew`: also where only what is on the page has to be done again, such as asking once more.
function show({ anew = false } = {}) {
  const url = new URL(location.href);
  const place = url.pathname + url.search;
  if (place === shown && !anew) return void (url.pathname.startsWith("/d/") && toHash());
  shown = place;
  going.abort();
  going = new AbortController();
  closePanel({ focus: false });
  frame(url);
  const [path, view] = VIEWS.find(([each]) => (each === "/d/" || each === "/" ? url.pathname.startsWith(each) : url.pathname === each));
  const title = view(byId("main"), url, going.signal);
  document.title = path === "/" && !url.search ? "Sextant" : `${title} · Sextant`;
  if (path !== "/d/" || !url.hash) scrollTo(0, 0);
  if (path !== "/" && path !== "/search") byId("main").querySelector("h1")?.focus({ preventScroll: true });
}

function frame(url) {
  const current = url.pathname.startsWith("/d/") ? "/documents" : url.pathname;
  byId("top").replaceChildren(
    h("a", { class: "skip", href: "#main" }, t("skip")),
    h("a", { class: "brand", href: "/" }, h("img", { src: "/web/icon.svg", alt: "", width: 28, height: 28 }), "Sextant"),
    h("nav", { "aria-label": t("menu") }, MENU.map(([path, name]) =>
      h("a", { href: path, "aria-current": path === current && "page" }, t(name)))),
    h("select", { id: "language", "aria-label": t("language"), onchange: async (event) => {
      await learn(event.currentTarget.value);
      show({ anew: true });
      byId("language").focus();
    } }, Object.entries(LANGUAGES).map(([code, name]) => h("option", { value: code, lang: code, selected: code === language }, name))));
  byId("foot").replaceChildren(h("p", {}, t("foot")), h("p", {},
    h("button", { type: "button", class: "quiet", onclick: keys }, t("keys")), " ",
    h("a", { href: "/openapi.json", target: "_blank" }, "API")));
  byId("panel").setAttribute("aria-labelledby", "panel-title");
}

function keys() {
  const dialog = byId("keys");
  const on = h("input", { type: "checkbox", checked: kept("keys") !== false, onchange: (event) => keep("keys", event.currentTarget.checked) });
  dialog.replaceChildren(h("header", {}, h("h2", { id: "keys-title" }, t("keys")), closeButton(() => dialog.close())),
    h("dl", {}, KEYS.flatMap((key) => [h("dt", {}, h("kbd", {}, key === "1" ? "1 … 9" : key === "←" ? "← →" : key)), h("dd", {}, t(`key.${key}`))])),
    h("label", { class: "check" }, on, t("keys.on")));
  dialog.showModal();
}

const writing = (element) => element.matches?.("input:not([type=checkbox],[type=radio]), textarea, select");

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || byId("keys").open) return;
  if (event.key === "Escape" && !byId("panel").hidden) return void closePanel();
  if (writing(event.target) || kept("keys") === false) return;
  const arrows = document.documentElement.dir === "rtl" ? { ArrowRight: "previous", ArrowLeft: "next" } : { ArrowLeft: "previous", ArrowRight: "next" };
  const step = byId("panel").contains(event.target) && byId(arrows[event.key]);
  const reference = /^[1-9]$/.test(event.key) && document.querySelector(`.now .answer .ref[data-n="${event.key}"]`);
  // Where letters are not Latin, the key that bears an F.
  const follow = (event.key === "f" || (event.code === "KeyF" && event.key > "\x7f")) && byId("follow");
  if (event.key === "/" && byId("question")) byId("question").focus();
  else if (follow) follow.focus();
  else if (event.key === "?") keys();
  else if (step) step.click();
  else if (reference) reference.click();
  else return;
  event.preventDefault();
}

onShow(show);
addEventListener("popstate", () => show());
addEventListener("beforeprint", () => { // on paper nothing can be opened: the sources of earlier answers
  for (const each of document.querySelectorAll(".turn:not(.now) .found")) each.open = true;
});
document.addEventListener("click", follow);
document.addEventListener("keydown", pressed);
await learn();
show();
