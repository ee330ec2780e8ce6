// The service's API: JSON, problem details, and the stream of an answer.

export class Problem extends Error {
  constructor(body) {
    super(body.detail || body.title || "");
    this.kind = (body.type || "").split(":").pop();
    this.body = body;
  }
}

const UNREACHABLE = { type: "unreachable" };

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Problem(UNREACHABLE);
  }
  if (response.ok) return response;
  throw new Problem(await response.json().catch(() => ({ type: "internal" })));
}

const posted = (body, signal, accept = "application/json") => ({
  method: "POST",
  headers: { "Content-Type": "application/json", Accept: accept },
  body: JSON.stringify(body),
  signal,
});

const given = async (path, options) => (await send(path, options)).json();

export const search = (body, signal) => given("/api/search", posted(body, signal));
export const feedback = (body) => given("/api/feedback", posted(body));
export const pathOf = (id) => id.split("/").map(encodeURIComponent).join("/");
export const passage = (id) => given(`/api/passages/${pathOf(id)}`);

let listed = null;
export function documents() {
  listed ??= given("/api/documents").catch((error) => {
    listed = null;
    throw error;
  });
  return listed;
}

const MOST_DOCUMENTS = 12;
const MOST_ANSWERS = 40;
const opened = new Map();
const answers = new Map();

function hold(map, key, value, most) {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value);
}

export async function documentOf(id) {
  if (!opened.has(id)) hold(opened, id, await given(`/api/documents/${pathOf(id)}`), MOST_DOCUMENTS);
  return opened.get(id);
}

// Answers that this page was given, by the address of their question.
export const answerAt = (path) => answers.get(path);
export const holdAnswer = (path, answer) => hold(answers, path, answer, MOST_ANSWERS);

// What the service said earlier may be of an older index.
let generation = null;
export function noteGeneration(seen) {
  if (generation && generation !== seen) {
    listed = null;
    opened.clear();
    answers.clear();
  }
  generation = seen;
}

// Calls on[event](data) for each event, and gives the whole answer.
export async function ask(body, on, signal) {
  const response = await send("/api/ask", posted(body, signal, "text/event-stream"));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "", answer = null;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (text + part.value).split("\n\n");
      text = events.pop();
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
        if (name === "problem") throw new Problem(JSON.parse(data));
        if (name === "answer") answer = JSON.parse(data);
        else if (name) on[name]?.(JSON.parse(data));
      }
    }
  } catch (error) {
    throw error instanceof Problem || error.name === "AbortError" ? error : new Problem(UNREACHABLE);
  }
  if (!answer) throw new Problem(UNREACHABLE);
  noteGeneration(answer.generation);
  return answer;
}
