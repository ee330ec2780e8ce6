"""Every error a user can cause, as one tree; each message says what was wrong and what to do.

SextantError
├── InputError                    the request is at fault (exit 2, HTTP 4xx)
│   ├── EmptyQuestion
│   ├── QuestionTooLong           limit in characters
│   ├── BadFilter                 names the field and what it allows
│   ├── BadRange                  a number outside its limits (k, context …)
│   ├── UnknownDocument
│   ├── UnknownPassage
│   ├── BadCitation               a quote that the document does not hold there
│   ├── UnknownModel              model, allowed: of the OpenAI-compatible API
│   ├── UnsupportedParameter      field, why: it would mislead to ignore it
│   ├── BadGoldLine               path, line
│   └── BadEvalFile               path, why: a baseline, a public question set
├── CorpusError                   the documents are at fault (exit 1)
│   ├── UnreadableDocument        path, why
│   ├── CorpusMissing             no such folder, or nothing in it
│   ├── BadCatalogue              path, why
│   └── FetchFailed               url, why
├── IndexUnavailable              the index is at fault (exit 1, HTTP 503)
│   ├── IndexMissing
│   ├── IndexCorrupt              file
│   └── EncoderMismatch           built_with, opened_with
├── EncoderUnavailable            the encoder cannot be loaded (exit 1)
├── RerankerUnavailable           the reranker cannot be loaded (exit 1)
├── FeedbackUnavailable           path, why: readers' opinions (exit 1, HTTP 503)
└── BadSetting                    a setting that cannot be used (exit 2)
"""

from collections.abc import Sequence
from pathlib import Path


class SextantError(Exception):
    """Root of the tree; ``str()`` of any of them can be shown to a user as it is."""


class InputError(SextantError):
    """The request itself is wrong."""


class EmptyQuestion(InputError):
    def __init__(self) -> None:
        super().__init__("The question is empty: send at least one word.")


class QuestionTooLong(InputError):
    """``length`` and ``limit`` are in characters (Unicode code points)."""

    def __init__(self, length: int, limit: int) -> None:
        self.length, self.limit = length, limit
        super().__init__(
            f"The question has {length} characters; at most {limit} are accepted. Shorten it."
        )


class BadFilter(InputError):
    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"Filter '{field}': {why}")


class BadRange(InputError):
    def __init__(self, field: str, value: object, low: int, high: int) -> None:
        self.field = field
        super().__init__(f"'{field}' is {value}; it must be between {low} and {high}.")


class UnknownDocument(InputError):
    def __init__(self, document_id: str) -> None:
        self.document_id = document_id
        super().__init__(
            f"No document has the id '{document_id}'. GET /api/documents lists the ids."
        )


class UnknownPassage(InputError):
    def __init__(self, passage_id: str) -> None:
        self.passage_id = passage_id
        super().__init__(
            f"No passage has the id '{passage_id}'. Passage ids come with search results "
            "and change when the index is rebuilt from changed documents."
        )


class BadCitation(InputError):
    """``start`` and ``end`` are code points of the document's text."""

    def __init__(self, document_id: str, start: int, end: int) -> None:
        self.document_id, self.start, self.end = document_id, start, end
        super().__init__(
            f"'{document_id}' does not say this from {start} to {end}. "
            "Send quote, start and end as a citation gives them."
        )


class UnknownModel(InputError):
    def __init__(self, model: str, allowed: Sequence[str]) -> None:
        self.field, self.model, self.allowed = "model", model, list(allowed)
        super().__init__(f"There is no model '{model}' for this. Models: {', '.join(allowed)}.")


class UnsupportedParameter(InputError):
    """``why`` says what is given instead, or what to send."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"'{field}' cannot be used here: {why}")


class BadGoldLine(InputError):
    def __init__(self, path: Path, line: int, why: str) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path}, line {line}: {why}")


class BadEvalFile(InputError):
    """A file for an evaluation, other than a line of a gold set, that cannot be used."""

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: {why}")


class CorpusError(SextantError):
    """The documents are at fault."""


class UnreadableDocument(CorpusError):
    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path.name}: {why}")


class CorpusMissing(CorpusError):
    """``skipped`` are the paths inside it of files that are there, but are not read."""

    def __init__(self, path: Path, skipped: Sequence[str] = ()) -> None:
        self.path, self.skipped = path, tuple(skipped)
        more = " …" if len(skipped) > 3 else ""
        held = f", only what is not read: {', '.join(skipped[:3])}{more}" if skipped else ""
        super().__init__(
            f"No documents in '{path}'{held}. Name a folder with .txt, .md, .html, .pdf or .docx "
            "files with --corpus, or set SEXTANT_CORPUS."
        )


class BadCatalogue(CorpusError):
    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: {why}")


class FetchFailed(CorpusError):
    def __init__(self, url: str, why: str) -> None:
        self.url, self.why = url, why
        super().__init__(f"{url}: {why}")


class IndexUnavailable(SextantError):
    """There is no index that can be used."""


class IndexMissing(IndexUnavailable):
    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"No index in '{path}'. Make one with: sextant build")


class IndexCorrupt(IndexUnavailable):
    def __init__(self, file: Path, why: str) -> None:
        self.file, self.why = file, why
        super().__init__(f"Index file '{file}' {why}. Rebuild with: sextant build --force")


class EncoderMismatch(IndexUnavailable):
    def __init__(self, built_with: str, opened_with: str) -> None:
        self.built_with, self.opened_with = built_with, opened_with
        super().__init__(
            f"The index was built with encoder {built_with}, but {opened_with} is set. "
            "Set the encoder it was built with, or run: sextant build"
        )


class EncoderUnavailable(SextantError):
    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"Encoder '{name}' cannot be loaded: {why}")


class RerankerUnavailable(SextantError):
    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"Reranker '{name}' cannot be loaded: {why}")


class FeedbackUnavailable(SextantError):
    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"Feedback cannot be kept in '{path}': {why}")


class BadSetting(SextantError):
    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"Setting {name}: {why}")
