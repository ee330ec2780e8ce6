"""export: trained vectors -> the folder that sentence-transformers and Sextant both load."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from training.manifest import Progress, sha256, write_json
from training.recipe import Recipe
from training.tokenizer import TOKENIZER

BAG = "0_StaticEmbedding"
UNIT = "1_Normalize"
MODULES = (
    ("sentence_transformers.models.StaticEmbedding", BAG),
    ("sentence_transformers.models.Normalize", UNIT),
)
KEY = "embedding.weight"
ROWS, FACTORS = "embeddings", "weights"
INT8 = 127


def quantised(vectors: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """int8 rows and the float32 factor of each, under the names that sentence-transformers reads.

    It multiplies them when it loads, so it adds up in float32. Half-precision weights under the
    plain name it would add up in half precision, and be off by more than 1e-5.
    """
    factors = np.abs(vectors).max(axis=1) / INT8
    factors[factors == 0] = 1
    rows = np.rint(vectors / factors[:, None]).astype(np.int8)
    return {ROWS: rows, FACTORS: factors.astype(np.float32)}


def matrix(file: Path) -> NDArray[np.float32]:
    """(tokens, dim) float32 out of a file of either layout."""
    arrays = load_file(file)
    rows: NDArray[np.float32] = arrays[KEY if KEY in arrays else ROWS].astype(np.float32)
    return rows if KEY in arrays else (rows * arrays[FACTORS][:, None]).astype(np.float32)


def write_encoder(
    vectors: NDArray[np.float32],
    tokenizer: Path,
    folder: Path,
    recipe: Recipe,
    card: str,
    say: Progress,
) -> Mapping[str, object]:
    """Write the model to ``folder`` in one step: readers see the old one or the new one."""
    fresh = folder.with_name(folder.name + ".fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / BAG).mkdir(parents=True)
    (fresh / UNIT).mkdir()
    shipped = np.ascontiguousarray(vectors[:, : recipe.shipped_dim], dtype=np.float32)
    arrays = quantised(shipped) if recipe.layout == "int8" else {KEY: shipped}
    save_file(arrays, fresh / BAG / "model.safetensors", metadata={"format": "pt"})
    shutil.copyfile(tokenizer, fresh / BAG / TOKENIZER)
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": kind}
        for n, (kind, path) in enumerate(MODULES)
    ]
    write_json(fresh / UNIT / "config.json", {})
    (fresh / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")
    settings: dict[str, object] = {
        "model_type": "SentenceTransformer",
        "prompts": {},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
    }
    write_json(fresh / "config_sentence_transformers.json", settings)
    (fresh / "README.md").write_text(card, encoding="utf-8")
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.is_dir():
        os.replace(folder, old)
    os.replace(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    size = sum(p.stat().st_size for p in files)
    say(f"export: {size / 1e6:.1f} MB")
    weights = folder / BAG / "model.safetensors"
    return {"bytes": size, "dim": shipped.shape[1], "weights_sha256": sha256(weights)}
