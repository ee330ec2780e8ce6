// The interface's own words, in the language the reader chose, or else the browser's.

import { directionOf } from "./dom.js";
import { kept, keep } from "./past.js";

export const LANGUAGES = { ar: "العربية", zh: "中文", en: "English", fr: "Français", ru: "Русский", es: "Español" };

let words = {};
export let language = "en";

export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function preferred() {
  const wanted = [kept("language"), ...navigator.languages].filter(Boolean);
  return wanted.map((each) => each.toLowerCase().split("-")[0]).find((each) => each in LANGUAGES);
}

export async function learn(chosen) {
  if (chosen) keep("language", chosen);
  const next = chosen ?? preferred() ?? "en";
  const response = await fetch(`/web/words/${next}.json`);
  words = await response.json();
  language = next;
  document.documentElement.lang = next;
  document.documentElement.dir = directionOf(next);
}

export const nameOf = (code) => LANGUAGES[code] ?? code;

export function dateOf(iso) {
  if (!iso) return "";
  const [year, month, day] = iso.split("-").map(Number);
  const format = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  return format.format(Date.UTC(year, month - 1, day));
}

export const numberOf = (value, digits = 0) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
