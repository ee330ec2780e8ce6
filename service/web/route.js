// Addresses of the page: moving between them without loading it anew.

let show = () => {};

export const onShow = (shows) => { show = shows; };

export function go(path, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", path);
  show({ anew: true });
}

const OURS = /^\/(?:$|search$|documents$|history$|d\/)/;

// A plain click on a link to one of our own addresses moves there; any other click is the browser's.
export function follow(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || link.target) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || !OURS.test(to.pathname)) return;
  if (to.hash && to.pathname + to.search === location.pathname + location.search) return;
  event.preventDefault();
  go(to.pathname + to.search + to.hash);
}

const FIELDS = { language: "language", publisher: "publisher", work: "work", from: "date_from", to: "date_to", symbol: "symbol_prefix" };
const MANY = new Set(["language", "publisher", "work"]);

// The filters that an address names, as the API takes them.
export function filtersIn(parameters) {
  const filters = {};
  for (const [name, field] of Object.entries(FIELDS)) {
    const values = parameters.getAll(name).filter(Boolean);
    if (values.length) filters[field] = MANY.has(name) ? values : values[0];
  }
  return filters;
}

// The address of a place in a document; `start` and `end` are what to mark there.
export function addressOf(id, { label, start, end } = {}) {
  const path = `/d/${id.split("/").map(encodeURIComponent).join("/")}`;
  const query = end === undefined ? "" : `?mark=${start}-${end}`;
  return path + query + (label ? `#para-${encodeURIComponent(label)}` : "");
}
