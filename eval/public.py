"""Public question sets: a SQuAD file or an MTEB retrieval folder -> documents, questions, qrels.

SQuAD (Rajpurkar et al. 2016): ``{"data": [{"paragraphs": [{"context", "qas": [{"id",
"question"}]}]}]}``; every different context is a document, and the one that a question stands
under is relevant. MTEB (Muennighoff et al. 2023), BEIR alike: ``corpus.jsonl`` (``_id``,
``title``, ``text``), ``queries.jsonl`` (``_id``, ``text``), ``qrels/test.tsv`` (query, document,
grade).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpus import BadEvalFile, Document, Paragraph, detect_language

_MTEB_FILES = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")
_NEEDED = "a SQuAD file, or a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv"


@dataclass(frozen=True, slots=True)
class PublicSet:
    """``questions`` by id; ``qrels`` maps each one's id to document id -> grade.

    ``sha256`` is of the bytes of its files; ``left_out`` counts the questions without an answer
    in any document.
    """

    path: Path
    form: str
    sha256: str
    documents: tuple[Document, ...]
    questions: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]
    left_out: int


def read_public(path: Path) -> PublicSet:
    """Raises BadEvalFile for what is in neither form, OSError for what cannot be read."""
    found = _mteb(path) if path.is_dir() else _squad(path)
    if not found.questions:
        raise BadEvalFile(path, "it holds no question with a document that answers it.")
    return found


def _squad(path: Path) -> PublicSet:
    content = path.read_bytes()
    contexts: dict[str, str] = {}  # text -> id
    questions: dict[str, str] = {}
    qrels: dict[str, dict[str, int]] = {}
    left_out = at = 0
    try:
        for item in json.loads(content.decode("utf-8-sig"))["data"]:
            at += 1
            for paragraph in item["paragraphs"]:
                text = _plain(paragraph["context"])
                context = contexts.setdefault(text, f"{len(contexts) + 1:06d}")
                for asked in paragraph["qas"]:
                    if asked.get("is_impossible"):
                        left_out += 1
                        continue
                    id = str(asked["id"])
                    if id in questions:
                        raise BadEvalFile(path, f"the question id '{id}' is used twice.")
                    questions[id] = _plain(asked["question"])
                    qrels[id] = {context: 1}
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        where = f"item {at} of 'data'" if at else "the file"
        why = f"{where} is not as SQuAD has it ({type(error).__name__}: {error}). Give {_NEEDED}."
        raise BadEvalFile(path, why) from None
    documents = tuple(_document(id, text, path.name) for text, id in contexts.items() if text)
    digest = sha256(content).hexdigest()
    return PublicSet(path, "squad", digest, documents, questions, qrels, left_out)


def _mteb(path: Path) -> PublicSet:
    files = [path / name for name in _MTEB_FILES]
    for name, file in zip(_MTEB_FILES, files, strict=True):
        if not file.is_file():
            raise BadEvalFile(path, f"it has no '{name}'. Give {_NEEDED}.")
    corpus, queries, judgements = files
    qrels: dict[str, dict[str, int]] = {}
    for query, document, grade in _judged(judgements):
        if grade > 0:
            qrels.setdefault(query, {})[document] = grade
    asked = dict(_texts(queries))
    unknown = next((id for id in qrels if id not in asked), None)
    if unknown is not None:
        raise BadEvalFile(judgements, f"it judges '{unknown}', which is not in {queries.name}.")
    texts = dict(_texts(corpus))
    documents = tuple(_document(id, text, corpus.name) for id, text in texts.items() if text)
    digest = sha256(b"".join(sha256(file.read_bytes()).digest() for file in files)).hexdigest()
    questions = {id: asked[id] for id in qrels}
    return PublicSet(path, "mteb", digest, documents, questions, qrels, len(asked) - len(questions))


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    """(id, title and text) of each line."""
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                read: Mapping[str, Any] = json.loads(line)
                parts = (read.get("title") or "", read["text"])
                yield str(read["_id"]), _plain("\n".join(part for part in parts if part))
            except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
                why = f"line {number} is no JSON object with '_id' and 'text'."
                raise BadEvalFile(file, why) from None


def _judged(file: Path) -> Iterator[tuple[str, str, int]]:
    """(query, document, grade) of each line but the head."""
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) == 3 and cells[2].strip().lstrip("-").isdigit():
                yield cells[0], cells[1], int(cells[2])
            elif number > 1 and line.strip():
                why = f"line {number} is not 'query<TAB>document<TAB>grade'."
                raise BadEvalFile(file, why)


def _plain(text: str) -> str:
    """Without surrounding space, and without lone surrogates, which cannot be stored."""
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def _document(id: str, text: str, file: str) -> Document:
    """One text as a work of its own, each line of it a paragraph without a label."""
    paragraphs, at = [], 0
    for line in text.splitlines(keepends=True):
        body = line.strip()
        if body:
            start = at + line.index(body)
            paragraphs.append(Paragraph(None, (), start, start + len(body), None, body))
        at += len(line)
    return Document(
        id=id,
        work=id,
        file=file,
        sha256=sha256(text.encode()).hexdigest(),
        symbol=None,
        title="",
        date=None,
        publisher=None,
        language=detect_language(text),
        url=None,
        licence=None,
        text=text,
        paragraphs=tuple(paragraphs),
    )
