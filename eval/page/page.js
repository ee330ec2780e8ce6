(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("payload").textContent);
  const names = { zh: "Chinese", en: "English", fr: "French", es: "Spanish", ru: "Russian", ar: "Arabic" };
  const failures = new Set(data.failures);
  const page = 30;
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  let chosen = [];
  let shown = 0;

  // Text goes in as text: nothing of a document is ever read as HTML.
  function make(tag, kind, ...inside) {
    const one = document.createElement(tag);
    if (kind) one.className = kind;
    one.append(...inside);
    return one;
  }

  function options(name, entries) {
    for (const [value, label] of entries) {
      const one = make("option", "", label);
      one.value = value;
      form.elements[name].append(one);
    }
  }

  function count(of) {
    return data.questions.filter(of).length;
  }

  const states = Object.entries(data.outcomes)
    .map(([id, label]) => [id, label, count((q) => q.outcome === id)])
    .filter(([, , number]) => number);
  options("outcome", [
    ["", `Everything (${data.questions.length})`],
    ["failures", `Every failure (${count((q) => failures.has(q.outcome))})`],
    ...states.map(([id, label, number]) => [id, `${label} (${number})`]),
  ]);
  const present = (name) => new Set(data.questions.map((q) => q[name]));
  const spoken = present("language");
  options("language", [["", "any"], ...Object.entries(names).filter(([code]) => spoken.has(code))]);
  options("kind", [["", "any"], ...[...present("kind")].sort().map((kind) => [kind, kind])]);

  function fits(q) {
    const { outcome, language, kind, text } = form.elements;
    const state = outcome.value;
    if (state === "failures" ? !failures.has(q.outcome) : state && q.outcome !== state) return false;
    if (language.value && q.language !== language.value) return false;
    if (kind.value && q.kind !== kind.value) return false;
    const words = text.value.trim().toLowerCase();
    const whole = [q.id, q.doc, q.question, q.gold, q.answer].join(" ").toLowerCase();
    return words.split(/\s+/).every((word) => whole.includes(word));
  }

  // Offsets count code points, JavaScript counts UTF-16 units.
  function marked(id, q) {
    const [documentId, start, text] = data.passages[id];
    const points = Array.from(text);
    const kinds = new Uint8Array(points.length);
    const paint = (spans, bit) => {
      for (const [owner, from, to] of spans) {
        if (owner !== documentId) continue;
        const last = Math.min(to - start, points.length);
        for (let at = Math.max(from - start, 0); at < last; at += 1) kinds[at] |= bit;
      }
    };
    paint(q.spans, 1);
    paint(q.quotes, 2);
    const parts = [];
    for (let at = 0; at < points.length; ) {
      let end = at;
      while (end < points.length && kinds[end] === kinds[at]) end += 1;
      const piece = points.slice(at, end).join("");
      const quoted = kinds[at] & 2 ? make("span", "quoted", piece) : piece;
      parts.push(kinds[at] & 1 ? make("mark", "", quoted) : quoted);
      at = end;
    }
    return parts;
  }

  function passage(id, rank, q) {
    const [documentId, , , labels] = data.passages[id];
    const about = data.documents[documentId];
    const relevant = q.relevant.includes(id) || rank === null || rank > q.hits.length;
    const where = [`${about.file}`, labels && `para. ${labels}`, names[about.language]].filter(Boolean);
    const place = make("b", "", rank === null ? "not found" : `${rank}.`);
    const line = make("div", "where", place, ` ${where.join(" · ")}${relevant ? " · relevant" : ""}`);
    const text = make("p", relevant ? "text" : "text short", ...marked(id, q));
    text.dir = "auto";
    text.lang = about.language;
    if (!relevant) text.addEventListener("click", () => text.classList.toggle("short"));
    return make("div", relevant ? "passage relevant" : "passage", line, text);
  }

  function said(head, text, language) {
    const body = make("p", "text", text);
    body.dir = "auto";
    if (language) body.lang = language;
    return [make("h4", "", head), body];
  }

  function body(q) {
    const box = make("div", "body");
    if (q.error) box.append(...said("Error", q.error));
    if (q.gold) box.append(...said("Gold answer", q.gold));
    if (q.answer) box.append(...said(q.abstained ? "Abstained" : "Answer", q.answer, q.language));
    if (q.hits.length) box.append(make("h4", "", "Passages, best first (evidence marked, quotes underlined)"));
    q.hits.forEach((id, at) => box.append(passage(id, at + 1, q)));
    if (q.below.length) box.append(make("h4", "", "Where the evidence stands"));
    for (const [id, rank] of q.below) box.append(passage(id, rank, q));
    return box;
  }

  function item(q) {
    const state = make("span", failures.has(q.outcome) ? "state" : "state fine", data.outcomes[q.outcome]);
    const asked = make("span", "asked", q.question);
    asked.dir = "auto";
    asked.lang = q.language;
    const facts = [q.id, names[q.language], q.kind];
    if (q.paraphrased) facts.push("paraphrased");
    if (q.ndcg !== null) facts.push(`nDCG@10 ${q.ndcg.toFixed(2)}`);
    if (q.confidence !== null) facts.push(`confidence ${q.confidence.toFixed(2)}`);
    if (q.doc) facts.push(q.paragraph ? `${q.doc}, para. ${q.paragraph}` : q.doc);
    const details = make("details", "", make("summary", "", state, asked, make("span", "facts", facts.join(" · "))));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(body(q));
    });
    return make("li", "", details);
  }

  function next() {
    list.append(...chosen.slice(shown, shown + page).map(item));
    shown = Math.min(shown + page, chosen.length);
    more.hidden = shown === chosen.length;
    more.textContent = `Show more (${chosen.length - shown} left)`;
  }

  function filter() {
    chosen = data.questions.filter(fits);
    if (form.elements.order.value === "worst") {
      const place = (q) => (q.ndcg === null ? 2 : q.ndcg);
      chosen = chosen.slice().sort((a, b) => place(a) - place(b));
    }
    list.replaceChildren();
    shown = 0;
    next();
    document.getElementById("count").textContent = `${chosen.length} of ${data.questions.length}`;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", next);
  document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = root.dataset.theme || (dark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
  filter();
})();
