// What this browser remembers: settings and questions. It never leaves the browser, and a browser
// that keeps nothing (private windows, storage switched off) works all the same.

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

// The same address again comes to the top; it is not listed twice.
export function remember(view, text, path) {
  const others = questions().filter((each) => each.path !== path);
  keep("history", [{ view, text, path, at: Date.now() }, ...others].slice(0, MOST));
}

export const forget = (path) => keep("history", questions().filter((each) => each.path !== path));
export const forgetAll = () => keep("history", []);
