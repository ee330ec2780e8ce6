"""Tiny models on disk, in the layouts that the encoders read."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "query", "passage", ":", "卫星", "轨道", "спутник"]
WORDS += ["satellite", "orbit", "debris", "moon", "قمر", "état", "órbita", "a", "b", "c"]
SPOKEN = ["[PAD]", "[UNK]", *WORDS[4:]]
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


def write_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """A BERT of one layer that gives ``labels`` scores to a pair; random weights, far apart."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=1.0,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer = word_tokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    ).save_pretrained(folder)
    return folder


def write_contextual_model(
    folder: Path, seed: int = 3, spaced: bool = False, **changes: Any
) -> Path:
    """The encoder that ``training`` exports, very small, its layers' random weights not tiny.

    ``spaced``: a word's token begins with the space before it, as in the one that ships.
    """
    import torch

    from training.export_contextual import write_contextual
    from training.student import Shape, Student

    sizes = {"hidden": 32, "layers": 2, "heads": 2, "intermediate": 48, "output": 24}
    sizes |= {"positions": 16, "token_dim": 8, **changes}
    shape = Shape(vocabulary=len(SPOKEN), **sizes)
    torch.manual_seed(seed)
    student = Student(shape)
    with torch.no_grad():
        for name, weight in student.named_parameters():
            if weight.ndim == 2:
                weight.normal_(std=1.0 if "embeddings" in name else shape.hidden**-0.5)
    words = [*SPOKEN[:2], *(f"▁{word}" if spaced else word for word in SPOKEN[2:])]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = (
        pre_tokenizers.Metaspace() if spaced else pre_tokenizers.WhitespaceSplit()
    )
    tokenizer.add_special_tokens(SPOKEN[:2])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "own_tokenizer.json"))
    model = folder / "model"
    write_contextual(
        student.state_dict(), shape, folder / "own_tokenizer.json", model, "", lambda text: None
    )
    return model
