// What this browser remembers: settings and questions. It never leaves the browser, and a browser
// that keeps nothing (private windows, storage switched off) works all the same.

import { goesOn } from "./thread.js";

const MOST = 100; // questions

export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(`sextant.${name}`));
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(`sextant.${name}`, JSON.stringify(value));
  } catch { /* full, or switched off */ }
}

export function questions() {
  const found = kept("history");
  return Array.isArray(found) ? found.filter((each) => typeof each?.path === "string") : [];
}

// The same address again comes to the top; it is not listed twice, nor is a thread for each of the
// questions that it holds.
export function remember(view, text, path) {
  const all = questions();
  const entry = all.find((each) => goesOn(each.path, path)) ?? { view, text, path };
  const others = all.filter((each) => each.path !== entry.path && !goesOn(entry.path, each.path));
  keep("history", [{ ...entry, at: Date.now() }, ...others].slice(0, MOST));
}

export const forget = (path) => keep("history", questions().filter((each) => each.path !== path));
export const forgetAll = () => keep("history", []);
