// Ranked passages, narrowed by filters; the address holds the whole search.

import { documents, noteGeneration, search } from "./api.js";
import { coarse, h, say } from "./dom.js";
import { openPanel } from "./panel.js";
import { hitItem, problemCard, skeleton } from "./parts.js";
import { remember } from "./past.js";
import { filtersIn, go } from "./route.js";
import { LANGUAGES, nameOf, numberOf, t } from "./words.js";

const COUNTS = [10, 20, 50, 100];

export function searchView(main, url, signal) {
  const asked = url.searchParams;
  const query = asked.get("q")?.trim() ?? "";
  const box = h("input", { id: "question", name: "q", type: "text", dir: "auto", autocomplete: "off",
    enterkeyhint: "search", required: true, value: query, placeholder: t("search.hint") });
  const filters = h("div", { class: "filters" });
  const form = h("form", { class: "ask", role: "search", "aria-label": t("search"), onsubmit: (event) => {
    event.preventDefault();
    const chosen = [...new FormData(form)].filter(([, value]) => value.trim());
    const address = new URLSearchParams(chosen.map(([name, value]) => [name, value.trim()]));
    if (address.get("k") === String(COUNTS[0])) address.delete("k");
    if (box.value.trim()) go(`/search?${address}`);
  } }, h("label", { for: "question" }, t("search.what")),
  h("div", { class: "row" }, box, h("button", { type: "submit" }, t("search.do"))), filters);
  const below = h("div", { class: "below" });
  main.replaceChildren(h("h1", { class: query ? "unseen printed" : "", dir: "auto" }, query || t("search")), form, below);
  if (!coarse()) box.focus({ preventScroll: true });
  fill(filters, asked, signal);
  if (query) results(below, query, asked, signal);
  else {
    say("");
    below.replaceChildren(h("p", { class: "lead" }, t("search.lead")));
  }
  return query ? `${query} · ${t("search")}` : t("search");
}

const NARROWING = ["language", "publisher", "work", "from", "to", "symbol"];

// Languages at once; publishers and works when the service has told which there are.
async function fill(area, asked, signal) {
  const active = [...NARROWING, "all"].filter((name) => asked.get(name)).length;
  const dynamic = h("div", { class: "selects" });
  const without = new URLSearchParams({ q: asked.get("q") ?? "" });
  area.replaceChildren(...[h("details", { open: !asked.get("q") },
    h("summary", {}, active ? `${t("filters")} (${numberOf(active)})` : t("filters")),
    h("fieldset", {}, h("legend", {}, t("filter.language")), Object.keys(LANGUAGES).map((code) =>
      h("label", { lang: code }, h("input", { type: "checkbox", name: "language", value: code,
        checked: asked.getAll("language").includes(code) }), nameOf(code)))),
    dynamic,
    h("div", { class: "selects" },
      field("from", "date", asked), field("to", "date", asked), field("symbol", "text", asked, "A/AC.105/"),
      h("label", {}, t("filter.k"), h("select", { name: "k" }, COUNTS.map((k) =>
        h("option", { value: k, selected: asked.get("k") === String(k) }, numberOf(k)))))),
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "all", value: "1", checked: asked.has("all") }), t("filter.all")),
    h("p", {}, h("button", { type: "submit" }, t("filter.apply")))),
  active && h("a", { class: "clear", href: `/search?${without}` }, t("filter.clear"))].filter(Boolean));
  try {
    const { documents: all } = await documents();
    if (signal.aborted) return;
    const publishers = [...new Set(all.map((each) => each.publisher).filter(Boolean))].sort();
    const works = new Map(all.map((each) => [each.work, each]));
    for (const each of all) if (each.language === document.documentElement.lang) works.set(each.work, each);
    dynamic.append(
      choice("publisher", publishers.map((each) => [each, each]), asked),
      choice("work", [...works].map(([work, each]) => [work, [each.symbol, each.title].filter(Boolean).join(" · ")]), asked));
  } catch { /* the filters of the address still hold; the results will say what is wrong */ }
}

const field = (name, type, asked, example) => h("label", {}, t(`filter.${name}`),
  h("input", { name, type, value: asked.get(name) ?? "", placeholder: example, autocomplete: "off" }));

const choice = (name, options, asked) => h("label", {}, t(`filter.${name}`),
  h("select", { name, dir: "auto" }, h("option", { value: "" }, t("filter.any")), options.map(([value, text]) =>
    h("option", { value, selected: asked.get(name) === value }, text))));

async function results(below, query, asked, signal) {
  below.replaceChildren(h("p", { class: "doing" }, t("searching")), skeleton());
  say(t("searching"));
  const k = COUNTS.find((each) => String(each) === asked.get("k")) ?? COUNTS[0];
  try {
    const found = await search({ query, k, filters: filtersIn(asked), collapse: !asked.has("all") }, signal);
    noteGeneration(found.generation);
    remember("search", query, location.pathname + location.search);
    const told = t("search.found", { passages: numberOf(found.hits.length), ms: numberOf(found.took_ms.total ?? 0, 1) });
    say(found.hits.length ? told : t("search.nothing"));
    below.replaceChildren(...(found.hits.length ? [h("h2", { class: "unseen" }, t("passages")), h("p", { class: "count" }, told),
      h("ol", { class: "plain" }, found.hits.map((hit) => hitItem(hit, openPanel, { scores: true })))]
      : [h("section", { class: "state" }, h("h2", {}, t("search.nothing")), h("p", {}, t("search.nothing.do")))]));
  } catch (problem) {
    if (!signal.aborted) below.replaceChildren(problemCard(problem, () => results(below, query, asked, signal)));
  }
}
