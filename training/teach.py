"""teach: the vectors that an English teacher gives to every English text of the pairs.

The teacher is any sentence-transformers folder (all-MiniLM-L6-v2 made the shipped weights). What
it says of an English text is what the student is to say of that text and of its partner in any
language (Reimers and Gurevych 2020).
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from training.manifest import Progress
from training.recipe import Recipe

TEXTS, VECTORS = "texts.json", "vectors.npy"
DONE = "done.partial"  # how many texts are taught, while it runs
CHUNK = 8192  # texts between two marks of progress
LONG, SHARE_OF_LONG = 300, 5  # characters; of the longer texts every fifth is taught


def english_texts(pairs: Path) -> list[str]:
    """Distinct English texts of translations, longest first; a share of the long ones.

    Long texts cost the most time and are made of the short ones, which are all taught.
    """
    texts: dict[str, None] = {}
    for path in sorted(pairs.glob("*.tsv")):
        kind, _, languages = path.stem.partition(".")
        sides = [side for side, name in enumerate(languages.split("-")) if name == "en"]
        if kind not in ("text", "joined") or not sides:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            columns = line.split("\t")
            for side in sides:
                texts.setdefault(columns[2 + side])
    kept = [t for t in texts if len(t) <= LONG or zlib.crc32(t.encode()) % SHARE_OF_LONG == 0]
    return sorted(kept, key=lambda text: (-len(text), text))


def teach(
    pairs: Path, teacher: Path, folder: Path, recipe: Recipe, say: Progress
) -> dict[str, object]:
    """Write ``texts.json`` and ``vectors.npy``, (texts, dim) float16 unit rows; resumable."""
    torch.set_num_threads(recipe.threads)
    model = SentenceTransformer(str(teacher), device="cpu").to(torch.bfloat16).eval()
    texts = english_texts(pairs)
    shape = (len(texts), int(model.get_embedding_dimension() or 0))
    mark, path = folder / DONE, folder / (VECTORS + ".partial")
    done = int(mark.read_text()) if mark.is_file() and path.is_file() else 0
    rows = open_memmap(path, mode="r+" if done else "w+", dtype=np.float16, shape=shape)
    for start, chunk in _chunks(texts, done):
        rows[start : start + len(chunk)] = _encode(model, chunk)
        rows.flush()
        mark.write_text(str(start + len(chunk)))
        say(f"teach: {start + len(chunk)} of {len(texts)} texts")
    del rows
    path.replace(folder / VECTORS)
    (folder / TEXTS).write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    mark.unlink(missing_ok=True)
    return {"texts": len(texts), "dim": shape[1]}


def _chunks(texts: Sequence[str], done: int) -> Iterator[tuple[int, Sequence[str]]]:
    for start in range(done, len(texts), CHUNK):
        yield start, texts[start : start + CHUNK]


def _encode(model: SentenceTransformer, texts: Sequence[str]) -> NDArray[np.float16]:
    with torch.inference_mode():
        found = model.encode(
            list(texts),
            batch_size=128,
            convert_to_tensor=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
    rows: NDArray[np.float16] = found.float().numpy().astype(np.float16)
    return rows
