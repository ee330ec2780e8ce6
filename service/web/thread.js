// A thread: a question and those that follow it up. The address holds them all, so that it can be
// kept, gone back to and opened anew: /?q=first&then=second&then=third. Filters hold for all.

export const MOST = 20; // questions in one thread
const TAKEN_ALONG = 6; // questions with their answers: as far back as the service looks
const LONGEST = { user: 2000, assistant: 1000 }; // characters of one turn sent along

// [{question, path}], oldest first; `path` is the address of the thread as far as that question.
export function turnsOf(url) {
  const first = url.searchParams.get("q")?.trim();
  if (!first) return [];
  const parts = url.search.slice(1).split("&");
  const next = parts.filter((part) => textOf(part)).slice(0, MOST - 1);
  const start = `/?${parts.filter((part) => !part.startsWith("then=")).join("&")}`;
  return [{ question: first, path: start }, ...next.map((part, at) => (
    { question: textOf(part), path: [start, ...next.slice(0, at + 1)].join("&") }))];
}

const textOf = (part) => new URLSearchParams(part).get("then")?.trim() ?? "";

export const followedBy = (path, question) => `${path}&${new URLSearchParams({ then: question })}`;

// Whether the address `path` is the thread at `from` with more questions.
export const goesOn = (path, from) => path.startsWith(`${from}&then=`);

// What was said before, as the service takes it; `said` are [{question, answer}], oldest first.
export function historyOf(said) {
  return said.slice(-TAKEN_ALONG).flatMap(({ question, answer }) => [turn("user", question), turn("assistant", answer)]);
}

// Not cut between the two halves of a character outside the basic plane.
const turn = (role, text) => ({ role, content: text.slice(0, LONGEST[role]).replace(/[\ud800-\udbff]$/, "") });
