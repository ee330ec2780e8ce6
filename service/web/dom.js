// Elements, spoken status and copying. Text of documents is only ever set as text, never parsed.

export function h(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child || child === 0));
  return made;
}

export const byId = (id) => document.getElementById(id);

const SHAPES = {
  up: "M7 10v10H4V10zm0 9h9.5a2 2 0 0 0 2-1.6l1.3-6A2 2 0 0 0 17.9 9H14l.7-3.600A1.8 1.8 0 0 0 13 3.200L7 10",
  down: "M7 14V4H4v10zm0-9h9.500a2 2 0 0 1 2 1.600l1.3 6a2 2 0 0 1-1.9 2.400H14l.7 3.600a1.8 1.8 0 0 1-1.7 2.200L7 14",
  close: "M5 5l14 14M19 5 5 19",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["class", "icon"]]) {
    drawing.setAttribute(key, value);
  }
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  drawing.append(path);
  return drawing;
}

export const directionOf = (language) => (language === "ar" ? "rtl" : language ? "ltr" : "auto");

// An element that holds words of a document, in the document's language.
export const quoted = (name, language, given, ...children) =>
  h(name, { lang: language, dir: directionOf(language), ...given }, ...children);

export function say(text) {
  byId("status").textContent = text;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no permission, or a plain http address
    const field = h("textarea", { class: "unseen", "aria-hidden": "true" });
    field.value = text;
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  }
}

export const coarse = () => matchMedia("(pointer: coarse)").matches;

export function uniqueId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
