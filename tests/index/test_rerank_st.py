"""A CrossEncoder by setting, with a tiny one that the tests make."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from support.documents import small_corpus
from support.fake_encoder import BagOfWordsEncoder
from support.models import write_bert, write_cross_encoder

from corpus import BadSetting, RerankerUnavailable
from index import Index, build_index, open_reranker
from index.rerank_st import BATCH, CrossEncoderReranker

QUESTION = "satellite debris"
TEXTS = [
    "orbit debris",
    "卫星 轨道 moon",
    "moon a b c",
    "",
    "спутник قمر état órbita unheard words",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cross_encoder(tmp_path_factory.mktemp("cross"))


@pytest.fixture(scope="module")
def reranker(folder: Path) -> CrossEncoderReranker:
    found = open_reranker(str(folder), device="cpu")
    assert isinstance(found, CrossEncoderReranker)
    return found


def test_scores_are_the_logits_of_each_pair(reranker: CrossEncoderReranker, folder: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    expected = []
    for text in TEXTS:
        with torch.no_grad():
            pair = tokenizer(QUESTION, text, return_tensors="pt")
            expected.append(float(model(**pair).logits[0, 0]))
    found = reranker.scores(QUESTION, TEXTS)
    assert (found.shape, found.dtype) == ((len(TEXTS),), np.float32)
    assert found.tolist() == pytest.approx(expected, abs=2e-3)  # padded in a batch
    assert np.ptp(found) > 0.1
    assert reranker.name == str(folder)


def test_no_texts_and_more_than_a_batch(reranker: CrossEncoderReranker) -> None:
    assert reranker.scores(QUESTION, []).shape == (0,)
    texts = [f"{'orbit ' * (n % 7)}moon" for n in range(2 * BATCH + 3)]
    found = reranker.scores(QUESTION, texts)
    alone = reranker.scores(QUESTION, [texts[BATCH + 2]])
    assert found[BATCH + 2] == pytest.approx(alone[0], abs=1e-4)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: reranker.scores(QUESTION, texts).tolist(), range(8)))
    assert all(each == found.tolist() for each in again)


def test_the_fingerprint_is_of_the_weights_and_the_precision(
    reranker: CrossEncoderReranker, folder: Path
) -> None:
    half = CrossEncoderReranker(str(folder), device="cpu", precision="bf16")
    again = CrossEncoderReranker(str(folder), device="cpu")
    assert reranker.fingerprint == again.fingerprint != half.fingerprint
    assert half.scores(QUESTION, TEXTS) == pytest.approx(reranker.scores(QUESTION, TEXTS), abs=0.5)
    with pytest.raises(BadSetting, match="fp32, bf16"):
        CrossEncoderReranker(str(folder), precision="int3")


def test_a_search_is_in_its_order(reranker: CrossEncoderReranker, tmp_path: Path) -> None:
    encoder = BagOfWordsEncoder()
    build_index(small_corpus(), encoder, tmp_path)
    index = Index.open(tmp_path, encoder, reranker=reranker)
    assert index.reranked_by == reranker.name
    hits = index.search("satellite debris orbit", collapse=False).hits
    scores = [hit.scores["reranker"] for hit in hits]
    assert scores == sorted(scores, reverse=True) == [hit.score for hit in hits]
    plain = index.search("satellite debris orbit", collapse=False, rerank=False).hits
    assert [h.passage.id for h in hits] != [h.passage.id for h in plain]


def test_an_encoder_is_no_reranker(tmp_path: Path) -> None:
    plain = write_bert(tmp_path).parent / "plain"
    with pytest.raises(RerankerUnavailable, match="no CrossEncoder but a BertModel"):
        open_reranker(str(plain), device="cpu")


def test_labels_are_no_scores(tmp_path: Path) -> None:
    with pytest.raises(RerankerUnavailable, match="3 labels for a pair"):
        open_reranker(str(write_cross_encoder(tmp_path / "three", labels=3)), device="cpu")


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RerankerUnavailable, match="not a CrossEncoder that"):
        open_reranker(str(tmp_path), device="cpu")


def test_a_hub_out_of_reach_asks_for_a_local_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(RerankerUnavailable, match="path of a folder"):
        open_reranker("nobody/no-such-model", device="cpu")


def test_a_missing_library_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(RerankerUnavailable, match="pip install sentence-transformers"):
        open_reranker(str(folder))
