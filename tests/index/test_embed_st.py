import sys
from pathlib import Path

import numpy as np
import pytest
from support.models import PROMPTS, write_bert

from corpus import BadSetting, EncoderUnavailable
from index.embed import open_encoder
from index.embed_st import SentenceTransformerEncoder

TEXTS = ["satellite orbit debris", "卫星 轨道 moon", "спутник قمر état órbita unheard words"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bert(tmp_path_factory.mktemp("bert"), PROMPTS)


def test_rows_are_unit_and_blank_texts_give_zero_rows(bert):
    encoder = SentenceTransformerEncoder(str(bert), device="cpu")
    for encode in (encoder.encode_queries, encoder.encode_passages):
        norms = np.linalg.norm(encode([*TEXTS, "", "   "]), axis=1)
        assert norms == pytest.approx([1, 1, 1, 0, 0], abs=1e-6)
        assert encode([]).shape == (0, encoder.dim)


def test_progress_adds_up_and_order_is_kept(bert):
    encoder = SentenceTransformerEncoder(str(bert), device="cpu")
    texts = [f"{'orbit ' * (i % 9)}moon" for i in range(100)]
    seen: list[int] = []
    rows = encoder.encode_passages(texts, seen.append)
    assert sum(seen) == 100
    assert len(seen) > 1
    assert rows[[4, 50]] == pytest.approx(encoder.encode_passages([texts[4], texts[50]]), abs=1e-5)


def test_a_bert_model_loads_and_its_prompts_are_applied(tmp_path, bert):
    with_prompts = open_encoder(str(bert), device="cpu")
    bare = SentenceTransformerEncoder(str(write_bert(tmp_path)), device="cpu")
    assert isinstance(with_prompts, SentenceTransformerEncoder)
    text = "satellite orbit"
    for encode, prompt in (("encode_queries", "query : "), ("encode_passages", "passage : ")):
        prompted = getattr(with_prompts, encode)([text])
        assert prompted == pytest.approx(getattr(bare, encode)([prompt + text]), abs=1e-6)
        assert np.abs(prompted - getattr(bare, encode)([text])).max() > 1e-3


def test_a_known_family_has_its_prompts_without_configuration(tmp_path):
    family = write_bert(tmp_path).rename(tmp_path / "multilingual-e5-tiny")
    encoder = SentenceTransformerEncoder(str(family), device="cpu")
    plain = SentenceTransformerEncoder(str(write_bert(tmp_path / "other")), device="cpu")
    assert encoder.encode_queries(["orbit"]) == pytest.approx(
        plain.encode_queries(["query: orbit"]), abs=1e-6
    )
    assert encoder.fingerprint != plain.fingerprint


def test_bfloat16_is_near_and_has_a_fingerprint_of_its_own(bert):
    full = SentenceTransformerEncoder(str(bert), device="cpu")
    half = SentenceTransformerEncoder(str(bert), device="cpu", precision="bf16")
    rows = full.encode_passages(TEXTS[:3]), half.encode_passages(TEXTS[:3])
    assert rows[1].dtype == np.float32
    assert (rows[0] * rows[1]).sum(axis=1) == pytest.approx(np.ones(3), abs=2e-2)
    assert full.fingerprint != half.fingerprint
    assert full.fingerprint == SentenceTransformerEncoder(str(bert), device="cpu").fingerprint


def test_an_unknown_precision_is_refused(bert):
    with pytest.raises(BadSetting, match="fp32, bf16"):
        SentenceTransformerEncoder(str(bert), precision="int3")


def test_a_hub_out_of_reach_asks_for_a_local_path(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderUnavailable, match="path of a folder"):
        open_encoder("nobody/no-such-model", device="cpu")


def test_a_missing_library_names_what_to_install(monkeypatch, bert):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderUnavailable, match="pip install sentence-transformers"):
        open_encoder(str(bert))
