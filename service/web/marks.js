// Offsets of the API count Unicode code points; a JavaScript string counts UTF-16 units.

export function unitAt(text, point) {
  if (!/[\ud800-\udbff]/.test(text)) return point;
  let at = 0;
  for (let seen = 0; seen < point && at < text.length; seen += 1) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return at;
}

export function lengthOf(text) {
  let pairs = 0;
  for (const _ of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) pairs += 1;
  return text.length - pairs;
}

// [text, span or null] in order; spans have start and end in code points, and may not overlap:
// one that begins inside the one before is left out.
export function pieces(text, spans) {
  const found = [];
  let at = 0;
  const upTo = (point, span) => {
    const piece = text.slice(unitAt(text, at), unitAt(text, point));
    if (piece) found.push([piece, span]);
    at = point;
  };
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < at || span.end <= span.start) continue;
    upTo(span.start, null);
    upTo(span.end, span);
  }
  upTo(lengthOf(text), null);
  return found;
}

// The part of start..end (in the document) that lies in something that begins at `from`.
export function within(start, end, from, to) {
  const span = { start: Math.max(start, from) - from, end: Math.min(end, to) - from };
  return span.end > span.start ? span : null;
}
