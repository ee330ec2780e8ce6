// The questions of this browser.

import { h, say } from "./dom.js";
import { forget, forgetAll, questions } from "./past.js";
import { listed } from "./parts.js";
import { turnsOf } from "./thread.js";
import { language, t } from "./words.js";

function followUps({ path }) {
  const after = turnsOf(new URL(path, location)).slice(1).map((turn) => turn.question);
  return after.length > 0 && h("span", { class: "after" }, t("follow.ups"), " ", listed(after));
}

export function historyView(main) {
  const asked = questions();
  const again = () => {
    historyView(main);
    main.querySelector("h1").focus();
    say(t("forgotten"));
  };
  const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  main.replaceChildren(h("h1", { tabindex: "-1" }, t("history")), h("p", { class: "lead" }, t("history.lead")),
    ...(asked.length ? [
      h("ul", { class: "plain past" }, asked.map((each) => h("li", {},
        h("a", { href: each.path, dir: "auto" }, each.text),
        followUps(each),
        h("span", { class: "where" }, `${t(each.view === "search" ? "search" : "ask")} · ${when.format(each.at)}`),
        h("button", { type: "button", class: "quiet", "aria-label": t("forget.this", { text: each.text }), onclick: () => {
          forget(each.path);
          again();
        } }, t("forget"))))),
      h("p", {}, h("button", { type: "button", class: "quiet", onclick: () => {
        forgetAll();
        again();
      } }, t("forget.all"))),
    ] : [h("section", { class: "state" }, h("h2", {}, t("history.empty")), h("p", {}, h("a", { href: "/" }, t("history.empty.do"))))]));
  return t("history");
}
