// One place in one document, written as a footnote of a UN text, as BibTeX and as RIS.
// `about` is a document of the API; `place` has paragraph, note and page, each may be null.

import { t } from "./words.js";

export function placeOf({ paragraph, note, page }, word = t) {
  const parts = [];
  if (paragraph) parts.push(word("cite.paragraph", { label: paragraph }));
  if (note) parts.push(word("cite.note", { label: note }));
  if (page && !paragraph) parts.push(word("cite.page", { page }));
  return parts;
}

export function un(about, place) {
  const parts = about.symbol
    ? [about.symbol]
    : [about.publisher, t("cite.title", { title: about.title }), about.date].filter(Boolean);
  const cited = [...parts, ...placeOf(place)].join(t("cite.comma"));
  return (about.digest ? `${cited}${t("cite.digest")}` : cited) + t("cite.stop");
}

const LATEX = {
  "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "&": "\\&", "%": "\\%", $: "\\$",
  "#": "\\#", _: "\\_", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
};
const latex = (text) => text.replace(/[\\{}&%$#_~^]/g, (mark) => LATEX[mark]);

// A key of ASCII letters, digits and hyphens, as every BibTeX program takes it.
function keyOf(about, place) {
  const name = (about.symbol || about.id).normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-");
  const label = (place.paragraph || "").normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-");
  const key = [name, about.language, label].filter(Boolean).join("-").toLowerCase();
  return key.replace(/-+/g, "-").replace(/^-|-$/g, "");
}

export function bibtex(about, place) {
  const [year, month, day] = (about.date || "").split("-");
  const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
  const fields = [
    ["title", about.title && `{${latex(about.title)}}`],
    ["institution", about.publisher && latex(about.publisher)],
    ["number", about.symbol && latex(about.symbol)],
    ["year", year],
    ["day", day && String(Number(day))],
    ["language", about.language],
    ["url", about.url],
    ["note", latex(placeOf(place).join(", ")) + (about.digest ? t("cite.digest") : "")],
  ].filter(([, value]) => value);
  const lines = fields.map(([name, value]) => `  ${name} = {${value}}`);
  if (month) lines.splice(-1, 0, `  month = ${months[Number(month) - 1]}`);
  return `@techreport{${keyOf(about, place)},\n${lines.join(",\n")}\n}\n`;
}

export function ris(about, place) {
  const line = (text) => String(text).replace(/[\r\n]+/g, " ");
  const note = placeOf(place).join(", ") + (about.digest ? t("cite.digest") : "");
  return [
    ["TY", "RPRT"],
    ["TI", about.title],
    ["AU", about.publisher],
    ["PB", about.publisher],
    ["SN", about.symbol],
    ["PY", about.date?.slice(0, 4)],
    ["DA", about.date?.replaceAll("-", "/")],
    ["LA", about.language],
    ["UR", about.url],
    ["SP", place.page],
    ["N1", note],
  ].filter(([, value]) => value).map(([tag, value]) => `${tag}  - ${line(value)}\r\n`)
    .join("") + "ER  - \r\n";
}
