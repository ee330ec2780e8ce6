// What the reader thought of the answer, sent to the service.

import { feedback } from "./api.js";
import { h, icon, say, uniqueId } from "./dom.js";
import { t } from "./words.js";

const REASONS = ["wrong_citation", "missing_citation", "incomplete", "out_of_scope"];
const MOST = 2000; // characters of a comment, as the service takes them

export function opinionBar(answer) {
  const id = uniqueId(); // the same for a change of mind
  const told = h("span", { class: "told" });
  const send = async (opinion) => {
    try {
      await feedback({ // of the question that stands alone: what it followed is not stored
        id, question: answer.rewritten_question ?? answer.question, language: answer.language, abstained: answer.abstained,
        generation: answer.generation, ...opinion,
        citations: answer.citations.map(({ document_id, start, end, quote }) => ({ document_id, start, end, quote })),
      });
      told.textContent = t("opinion.thanks");
    } catch {
      told.textContent = t("opinion.failed");
    }
    say(told.textContent);
  };
  const more = reasons((opinion) => send({ verdict: "down", ...opinion }));
  const choose = (pressed, other, verdict) => () => {
    pressed.setAttribute("aria-pressed", "true");
    other.setAttribute("aria-pressed", "false");
    more.hidden = verdict === "up";
    send({ verdict });
  };
  const button = (name) => h("button", { type: "button", class: "icon-button", "aria-pressed": "false",
    "aria-label": t(`opinion.${name}`), title: t(`opinion.${name}`) }, icon(name));
  const up = button("up"), down = button("down");
  up.addEventListener("click", choose(up, down, "up"));
  down.addEventListener("click", choose(down, up, "down"));
  return h("div", { class: "opinion", role: "group", "aria-label": t("opinion") },
    h("span", {}, t("opinion")), up, down, told, more);
}

function reasons(send) {
  const comment = h("input", { type: "text", dir: "auto", maxlength: MOST, "aria-label": t("opinion.comment"), placeholder: t("opinion.comment") });
  const name = uniqueId();
  const form = h("form", { hidden: true, onsubmit: (event) => {
    event.preventDefault();
    const reason = form.querySelector("input:checked")?.value ?? null;
    send({ reason, comment: comment.value.trim() || null });
  } }, h("fieldset", {}, h("legend", {}, t("opinion.why")), REASONS.map((reason) =>
    h("label", {}, h("input", { type: "radio", name, value: reason }), t(`reason.${reason}`)))),
  h("div", { class: "row" }, comment, h("button", { type: "submit" }, t("send"))));
  return form;
}
