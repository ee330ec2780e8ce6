"""The folder of a sentence-transformers model: its list of modules, its settings, publishing it."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from training.manifest import write_json

CARD = "README.md"
WEIGHTS = "model.safetensors"
READABLE = 0o644


def fresh_folder(folder: Path) -> Path:
    """An empty folder beside ``folder``, to be written and then put in its place."""
    fresh = folder.with_name(folder.name + ".fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def write_modules(folder: Path, kinds: Iterable[tuple[str, str]]) -> None:
    """Write modules.json and the settings; ``kinds`` are (class name, folder) in their order."""
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (kind, path) in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")
    settings: dict[str, object] = {
        "model_type": "SentenceTransformer",
        "prompts": {},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
    }
    write_json(folder / "config_sentence_transformers.json", settings)


def publish(fresh: Path, folder: Path) -> int:
    """Put ``fresh`` in the place of ``folder``; returns its bytes."""
    for path in fresh.rglob("*"):
        if path.is_file():
            path.chmod(READABLE)  # safetensors writes files that only their owner may read
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.is_dir():
        os.replace(folder, old)
    os.replace(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)
    return size(folder)


def size(folder: Path) -> int:
    """Bytes of all files of the model, the card left out."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and p.name != CARD)
