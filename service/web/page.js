"use strict";

// Text from documents is only ever set with textContent, never parsed as markup.

const byId = (id) => document.getElementById(id);
const form = byId("ask");
const button = form.querySelector("button");
let latest = 0; // a slow answer to an earlier question is dropped

function element(name, { text, className, dir } = {}, ...children) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  if (dir) made.dir = dir;
  made.append(...children);
  return made;
}

function say(text, bad = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("bad", bad);
}

function clear() {
  for (const id of ["text", "citations", "hits", "footer"]) byId(id).replaceChildren();
  byId("answer").hidden = byId("passages").hidden = true;
}

// Only http and https addresses become links: a document's url is data.
function titleOf(item) {
  const title = element("span", { text: item.title || item.file, className: "title", dir: "auto" });
  if (!/^https?:\/\//i.test(item.url || "")) return title;
  const link = element("a", {}, title);
  link.href = item.url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function whereIs(item, paragraphs) {
  const parts = [item.symbol];
  if (paragraphs.length) parts.push(`para. ${paragraphs.join(", ")}`);
  if (item.note) parts.push(`note ${item.note}`);
  if (item.page !== null) parts.push(`p. ${item.page}`);
  parts.push(item.file);
  return element("span", { text: parts.filter(Boolean).join(" · "), className: "where" });
}

// Offsets of the API count code points; a JavaScript string counts UTF-16 units.
function showText(answer) {
  const points = Array.from(answer.answer);
  const known = new Set(answer.citations.map((citation) => String(citation.n)));
  const quotes = [...answer.citations].sort((a, b) => a.answer_start - b.answer_start);
  const out = byId("text");
  let at = 0;
  const plain = (end) => {
    for (const piece of points.slice(at, end).join("").split(/(\[\d+\])/)) {
      const n = piece.slice(1, -1);
      if (!/^\[\d+\]$/.test(piece) || !known.has(n)) {
        out.append(piece);
        continue;
      }
      const marker = element("a", { text: piece });
      marker.href = `#citation-${n}`;
      out.append(marker);
    }
    at = Math.max(at, end);
  };
  for (const quote of quotes) {
    if (quote.answer_start < at) continue;
    plain(quote.answer_start);
    out.append(element("q", { text: points.slice(at, quote.answer_end).join(""), dir: "auto" }));
    at = quote.answer_end;
  }
  plain(points.length);
}

function showCitation(citation) {
  const paragraphs = citation.paragraph === null ? [] : [citation.paragraph];
  const item = element("li", {},
    element("span", { text: `[${citation.n}] ` }), titleOf(citation), element("br"),
    whereIs(citation, paragraphs),
    element("p", { text: citation.quote, dir: "auto" }));
  item.id = `citation-${citation.n}`;
  return item;
}

function showHit(hit) {
  const legs = Object.entries(hit.scores).map(([leg, score]) => `${leg} ${score.toFixed(4)}`);
  const item = element("li", {},
    element("span", { text: `${hit.rank}. ` }), titleOf(hit), element("br"),
    whereIs(hit, hit.paragraphs));
  if (hit.heading.length) {
    item.append(element("p", { text: hit.heading.join(" › "), className: "meta", dir: "auto" }));
  }
  const text = element("p", { text: hit.text, dir: "auto" });
  text.lang = hit.language;
  item.append(text, element("details", {},
    element("summary", { text: `Score ${hit.score.toFixed(4)}` }),
    element("span", { text: legs.join(" · ") || "no leg score" })));
  return item;
}

function show(answer) {
  byId("answer").hidden = false;
  byId("text").lang = answer.language;
  showText(answer);
  byId("citations").append(...answer.citations.map(showCitation));
  byId("passages").hidden = answer.hits.length === 0;
  byId("hits").append(...answer.hits.map(showHit));
  const took = Math.round(answer.took_ms.total ?? 0);
  byId("footer").textContent = `${took} ms · index ${answer.generation} · writer ${answer.writer}`;
  if (answer.hits.length === 0) say("No passage matches this question.");
  else if (answer.abstained) say("The documents do not answer this; the nearest passages are below.");
  else say("");
}

async function post(question) {
  const response = await fetch("/api/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question }),
  });
  const body = await response.json();
  if (response.ok) return body;
  throw new Error(response.status === 503 && body.command
    ? `${body.title}. Run: ${body.command}`
    : body.detail || body.title);
}

async function ask(question) {
  const mine = ++latest;
  clear();
  say("Searching…");
  button.disabled = true;
  try {
    const answer = await post(question);
    if (mine === latest) show(answer);
  } catch (error) {
    const lost = error instanceof TypeError || error instanceof SyntaxError;
    if (mine === latest) say(lost ? "The server cannot be reached." : error.message, true);
  } finally {
    if (mine === latest) button.disabled = false;
  }
}

function fromAddress() {
  const question = new URLSearchParams(location.search).get("q");
  byId("question").value = question ?? "";
  if (question?.trim()) ask(question);
  else clear();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = byId("question").value;
  if (!question.trim()) return say("Write a question first.", true);
  history.pushState(null, "", `?${new URLSearchParams({ q: question })}`);
  ask(question);
});
window.addEventListener("popstate", fromAddress);
fromAddress();
