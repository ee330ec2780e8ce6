"""Tiny models on disk, in the layouts that the encoders read."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "query", "passage", ":", "卫星", "轨道", "спутник"]
WORDS += ["satellite", "orbit", "debris", "moon", "قمر", "état", "órbita", "a", "b", "c"]
PROMPTS = {"query": "query : ", "document": "passage : "}


def word_tokenizer() -> Tokenizer:
    """One token a word, and special tokens around them that a static encoder must not add."""
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def write_static(
    folder: Path, dtype: Any = np.float32, prompts: dict[str, str] | None = None, dim: int = 16
) -> Path:
    inner = folder / "0_StaticEmbedding"
    inner.mkdir(parents=True)
    matrix = np.random.default_rng(11).normal(size=(len(WORDS), dim)).astype(dtype)
    save_file({"embedding.weight": matrix}, inner / "model.safetensors")
    word_tokenizer().save(str(inner / "tokenizer.json"))
    kind = "sentence_transformers.models.StaticEmbedding"
    modules = [{"idx": 0, "name": "0", "path": inner.name, "type": kind}]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    if prompts is not None:
        config = json.dumps({"prompts": prompts, "default_prompt_name": None})
        (folder / "config_sentence_transformers.json").write_text(config, encoding="utf-8")
    return folder


def write_bert(folder: Path, prompts: dict[str, str] | None = None) -> Path:
    """A BERT of two layers with mean pooling, random weights, as sentence-transformers saves it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    plain = folder / "plain"
    BertModel(config).save_pretrained(plain)
    PreTrainedTokenizerFast(
        tokenizer_object=word_tokenizer(),
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    ).save_pretrained(plain)
    whole = folder / "whole"
    model = SentenceTransformer(modules=[Transformer(str(plain)), Pooling(16)], prompts=prompts)
    model.save(str(whole))
    return whole
