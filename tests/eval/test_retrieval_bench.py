"""The bench of sizes and fusions, on a small corpus: every row is there and is a share."""

import json
from pathlib import Path

import pytest
from support.fake_encoder import BagOfTokensEncoder, BagOfWordsEncoder

from corpus import LANGUAGES, read_corpus
from eval import read_gold
from eval.bench.retrieval import FUSIONS, LATE, SIZES, main, rows

TEXT = "# A paper on beacons\n\n" + "\n\n".join(
    f"{n}. Beacon number {n} is kept by keeper {n * 7}, who reports to bureau {n * 3}."
    for n in range(1, 30)
)
QUESTION = {
    "id": "b1",
    "doc": "beacons.md",
    "kind": "factoid",
    "paraphrased": False,
    "question": dict.fromkeys(LANGUAGES, "keeper 91 bureau 39"),
    "evidence": ["Beacon number 13 is kept by keeper 91"],
    "answer": {"en": "13"},
    "paragraph": "13",
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "beacons.md").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(QUESTION) + "\n", encoding="utf-8")
    return path


def test_one_row_for_each_size_and_fusion(corpus: Path, gold: Path) -> None:
    documents = read_corpus(corpus).documents
    found = rows(documents, BagOfWordsEncoder(), [read_gold(gold)])
    assert [(r.shortest, r.longest, r.fusion) for r in found] == [
        (*size, fusion) for size in SIZES for fusion in FUSIONS
    ]
    lexical = [r for r in found if r.fusion == "lexical"]
    assert all(r.success == dict.fromkeys(LANGUAGES, 1.0) and r.rr == 1.0 for r in lexical)


def test_late_interaction_has_its_rows_where_there_are_token_vectors(
    corpus: Path, gold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.bench.retrieval.SIZES", SIZES[:1])
    encoder = BagOfTokensEncoder(1024, token_dim=1024)
    found = rows(read_corpus(corpus).documents, encoder, [read_gold(gold)])
    assert [row.fusion for row in found] == [*FUSIONS, *LATE]
    late = [row for row in found if row.fusion in LATE]
    assert all(row.success == dict.fromkeys(LANGUAGES, 1.0) and row.rr == 1.0 for row in late)


def test_a_missing_corpus_is_said(
    tmp_path: Path, gold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--corpus", str(tmp_path / "none"), "--gold", str(gold)]) == 2
    assert "No documents in" in capsys.readouterr().err
