"""export: the trained student -> the folder that sentence-transformers and Sextant both load.

config.json model.safetensors tokenizer.json …   a ModernBERT, float16, as transformers reads it
1_Pooling/ 2_Dense/ 3_Normalize/                  the modules of sentence-transformers
model.onnx                                        the same, as Sextant runs it (graph.py)
late.json                                         how many dimensions of a token are kept
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from training.graph import write_graph
from training.layout import CARD, WEIGHTS, fresh_folder, publish, write_modules
from training.manifest import Progress, sha256, write_json
from training.student import Shape, configuration
from training.tokenizer import PADDING, TOKENIZER, UNKNOWN

POOLING, DENSE, UNIT = "1_Pooling", "2_Dense", "3_Normalize"
KINDS = (("Transformer", ""), ("Pooling", POOLING), ("Dense", DENSE), ("Normalize", UNIT))
LATE = "late.json"


def write_contextual(
    state: Mapping[str, torch.Tensor],
    shape: Shape,
    tokenizer: Path,
    folder: Path,
    card: str,
    say: Progress,
) -> dict[str, object]:
    """Write the model to ``folder`` in one step: readers see the old one or the new one."""
    fresh = fresh_folder(folder)
    for name in (POOLING, DENSE, UNIT):
        (fresh / name).mkdir()
    weights = {
        name.removeprefix("bert."): tensor.to(torch.float16).contiguous()
        for name, tensor in state.items()
        if name.startswith("bert.")
    }
    save_file(weights, fresh / WEIGHTS, metadata={"format": "pt"})
    layer = {"linear.weight": state["dense.weight"].float().contiguous()}
    save_file(layer, fresh / DENSE / WEIGHTS, metadata={"format": "pt"})
    settings: dict[str, Any] = configuration(shape).to_dict()  # type: ignore[no-untyped-call]
    # float32, so that transformers widens the stored numbers when it loads and adds up in float32.
    settings |= {"architectures": ["ModernBertModel"], "dtype": "float32"}
    write_json(fresh / "config.json", settings)
    _modules(fresh, shape)
    _tokenizer(fresh, tokenizer, shape)
    write_json(fresh / LATE, {"token_dim": shape.token_dim})
    write_graph(fresh, fresh / DENSE / WEIGHTS, shape.token_dim)
    (fresh / CARD).write_text(card, encoding="utf-8")
    size = publish(fresh, folder)
    say(f"export: {size / 1e6:.1f} MB")
    return {"bytes": size, "dim": shape.output, "weights_sha256": sha256(folder / WEIGHTS)}


def _modules(folder: Path, shape: Shape) -> None:
    write_modules(folder, KINDS)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": shape.positions})
    pooling: dict[str, Any] = {"word_embedding_dimension": shape.hidden}
    for mode in ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"):
        pooling[f"pooling_mode_{mode}"] = mode == "mean_tokens"
    write_json(folder / POOLING / "config.json", pooling)
    dense = {
        "in_features": shape.hidden,
        "out_features": shape.output,
        "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }
    write_json(folder / DENSE / "config.json", dense)
    write_json(folder / UNIT / "config.json", {})


def _tokenizer(folder: Path, tokenizer: Path, shape: Shape) -> None:
    shutil.copyfile(tokenizer, folder / TOKENIZER)
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.positions,
        "pad_token": PADDING,
        "unk_token": UNKNOWN,
        "model_input_names": ["input_ids", "attention_mask"],
    }
    write_json(folder / "tokenizer_config.json", settings)
