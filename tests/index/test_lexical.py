import json
import math
import os
import subprocess
import sys
from pathlib import Path

import bm25s
import numpy as np
import pytest

from corpus import IndexCorrupt
from index.analyse import analyse
from index.lexical import K1, METHOD, B, LexicalIndex

ROOT = Path(__file__).resolve().parents[2]

TEXTS = [
    "satellite orbit orbit debris",
    "debris removal",
    "卫星轨道 satellite",
    "orbit of a moon",
    "",
    "debris removal",
]
LANGUAGES = ["en", "en", "zh", "en", "en", "en"]


@pytest.fixture(scope="module")
def index():
    return LexicalIndex.build(TEXTS, LANGUAGES)


def bm25_by_hand(query: str) -> dict[int, float]:
    """Robertson and Zaragoza's sum with Lucene's idf, written out."""
    rows = [analyse(text, language) for text, language in zip(TEXTS, LANGUAGES, strict=True)]
    average = sum(map(len, rows)) / len(rows)
    scores = {}
    for i, row in enumerate(rows):
        score = 0.0
        for term in set(analyse(query, "en")):
            df, tf = sum(term in other for other in rows), row.count(term)
            if tf:
                idf = math.log(1 + (len(rows) - df + 0.5) / (df + 0.5))
                score += idf * tf / (tf + K1 * (1 - B + B * len(row) / average))
        if score:
            scores[i] = score
    return scores


@pytest.mark.parametrize(
    "query", ["orbit", "debris removal", "satellite debris", "卫星", "moon orbit unheard"]
)
def test_scores_are_the_hand_arithmetic(index, query):
    expected = bm25_by_hand(query)
    found = index.search(query, "en", 10)
    assert found.rows.tolist() == sorted(expected, key=lambda row: (-expected[row], row))
    assert found.scores.tolist() == pytest.approx([expected[r] for r in found.rows], rel=1e-6)


def test_coverage_is_the_share_of_idf_mass(index):
    def idf(df):
        return math.log(1 + (6 - df + 0.5) / (df + 0.5))

    found = index.search("removal orbit unheard", "en", 10)
    mass = idf(2) + idf(2) + idf(0)
    assert found.attainable == pytest.approx(mass)
    assert found.coverage.tolist() == pytest.approx([idf(2) / mass] * len(found.rows))
    assert index.search("orbit satellite", "en", 1).coverage.tolist() == [1.0]


def test_no_score_reaches_what_is_attainable(index):
    found = index.search("satellite orbit debris", "en", 10)
    assert (found.scores < found.attainable).all()


def test_ties_go_to_the_lower_row_and_k_cuts(index):
    assert index.search("removal", "en", 10).rows.tolist() == [1, 5]
    assert index.search("removal", "en", 1).rows.tolist() == [1]
    assert index.search("removal", "en", 0).rows.tolist() == []


def test_rows_narrow_the_search(index):
    assert index.search("debris", "en", 10, np.array([5, 0, 4])).rows.tolist() == [5, 0]
    assert index.search("debris", "en", 10, np.array([], dtype=np.int64)).rows.tolist() == []


@pytest.mark.parametrize("query", ["", "?", "the of", "unheard"])
def test_nothing_to_say(index, query):
    found = index.search(query, "en", 10)
    assert len(found.rows) == len(found.scores) == len(found.coverage) == 0


def test_ranks_agree_with_bm25s_retrieve():
    random = np.random.default_rng(7)
    words = np.array([f"w{chr(97 + i // 26)}{chr(97 + i % 26)}q" for i in range(300)])
    weights = 1 / np.arange(1, 301)
    draw = [
        random.choice(words, random.integers(5, 60), p=weights / weights.sum()) for _ in range(400)
    ]
    texts = [" ".join(row) for row in draw]
    index = LexicalIndex.build(texts, ["en"] * len(texts))
    model = bm25s.BM25(k1=K1, b=B, method=METHOD)
    model.index([analyse(text, "en") for text in texts], show_progress=False)
    for _ in range(40):
        query = " ".join(random.choice(words, 4, replace=False))
        theirs, scores = model.retrieve([analyse(query, "en")], k=10, show_progress=False)
        ours = index.search(query, "en", 10)
        assert ours.scores.tolist() == pytest.approx(scores[0][scores[0] > 0].tolist(), rel=1e-5)
        clear = [i for i in range(1, 9) if scores[0][i - 1] > scores[0][i] > scores[0][i + 1]]
        assert [ours.rows[i] for i in clear] == [theirs[0][i] for i in clear]


def test_an_opened_index_is_the_one_saved(index, tmp_path):
    index.save(tmp_path / "lexical")
    opened = LexicalIndex.open(tmp_path / "lexical")
    assert len(opened) == len(index) == 6
    for query in ("orbit", "卫星 debris", "unheard"):
        ours, theirs = index.search(query, "en", 5), opened.search(query, "en", 5)
        assert ours.rows.tolist() == theirs.rows.tolist()
        assert ours.scores.tolist() == theirs.scores.tolist()
        assert ours.coverage.tolist() == theirs.coverage.tolist()


@pytest.mark.parametrize("texts", [[], [""], ["", "of the"]])
def test_an_index_without_terms(tmp_path, texts):
    LexicalIndex.build(texts, ["en"] * len(texts)).save(tmp_path)
    opened = LexicalIndex.open(tmp_path)
    assert len(opened) == len(texts)
    assert opened.search("orbit", "en", 5).rows.tolist() == []


def test_the_bytes_do_not_depend_on_the_hash_seed(tmp_path):
    script = (
        "import sys; from pathlib import Path; from index.lexical import LexicalIndex; "
        "texts = ['orbit debris 卫星', 'moon 1,181 CD/2090', 'спутник orbit']; "
        "LexicalIndex.build(texts, ['en', 'en', 'ru']).save(Path(sys.argv[1]))"
    )
    saved = []
    for seed in ("0", "1"):
        folder = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", script, str(folder)]
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
        saved.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert len(saved[0]) == 5
    assert saved[0] == saved[1]


@pytest.mark.parametrize(
    "name", ["vocabulary.json", "starts.npy", "rows.npy", "weights.npy", "idf.npy"]
)
def test_a_missing_or_damaged_file_is_named(index, tmp_path, name):
    index.save(tmp_path)
    file = tmp_path / name
    file.write_bytes(file.read_bytes()[:20])
    with pytest.raises(IndexCorrupt, match=name):
        LexicalIndex.open(tmp_path)
    file.unlink()
    with pytest.raises(IndexCorrupt, match=f"{name}' is missing"):
        LexicalIndex.open(tmp_path)


def test_arrays_of_another_vocabulary_are_refused(index, tmp_path):
    index.save(tmp_path)
    file = tmp_path / "vocabulary.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["terms"].append("zzz")
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(IndexCorrupt, match="does not fit"):
        LexicalIndex.open(tmp_path)


def test_texts_and_languages_must_pair_up():
    with pytest.raises(ValueError, match="shorter"):
        LexicalIndex.build(["one", "two"], ["en"])
