"""teach: the vectors that an English teacher gives to English texts of the pairs.

The teacher is any sentence-transformers folder; all-MiniLM-L6-v2 made the shipped weights. What
it says of an English text is what the student is to say of that text and of its partner in any
language (Reimers and Gurevych 2020).
"""

import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from training.manifest import Progress, write_json
from training.recipe import Recipe

KINDS = ("text", "joined")  # of stream: translations
TEXTS, VECTORS = "texts.json", "vectors.npy"
ROWS = VECTORS + ".partial"  # the vectors, while it runs
DONE = "done.partial"  # how many texts are taught, while it runs
CHUNK = 8192  # texts between two marks of progress
BATCH = 128  # texts
LONG, SHARE_OF_LONG = 300, 5  # characters; of the longer texts every fifth is taught


def english_texts(pairs: Path, recipe: Recipe) -> list[str]:
    """Distinct English texts of translations, longest first, at most ``taught_texts``.

    Long texts cost the most time and are made of shorter ones: a share of them is enough.
    """
    texts: dict[str, None] = {}
    for path in sorted(pairs.glob("*.tsv")):
        kind, _, languages = path.stem.partition(".")
        sides = [side for side, name in enumerate(languages.split("-")) if name == "en"]
        if kind not in KINDS or not sides:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            columns = line.split("\t")
            for side in sides:
                texts.setdefault(columns[2 + side])
    kept = [t for t in texts if len(t) <= LONG or zlib.crc32(t.encode()) % SHARE_OF_LONG == 0]
    return sorted(kept, key=lambda text: (-len(text), text))[: recipe.taught_texts]


def teach(
    pairs: Path,
    teacher: Path,
    folder: Path,
    recipe: Recipe,
    say: Progress,
    *,
    stop_after: int | None = None,
) -> dict[str, object]:
    """Write ``texts.json`` and ``vectors.npy``, (texts, dim) float16 unit rows; resumable.

    ``stop_after`` ends the run after so many texts at the least, as an interruption would.
    """
    torch.set_num_threads(recipe.threads)
    model = SentenceTransformer(str(teacher), device="cpu").to(torch.bfloat16).eval()
    texts = english_texts(pairs, recipe)
    shape = (len(texts), int(model.get_embedding_dimension() or 0))
    done = _done(folder, shape)
    rows = open_memmap(folder / ROWS, mode="r+" if done else "w+", dtype=np.float16, shape=shape)
    while done < len(texts):
        chunk = texts[done : done + CHUNK]
        rows[done : done + len(chunk)] = _encode(model, chunk)
        rows.flush()
        done += len(chunk)
        write_json(folder / DONE, done)
        say(f"teach: {done} of {len(texts)} texts")
        if stop_after is not None and done >= stop_after:
            return {"texts": done}
    del rows
    (folder / ROWS).replace(folder / VECTORS)
    (folder / TEXTS).write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    (folder / DONE).unlink(missing_ok=True)
    return {"texts": len(texts), "dim": shape[1]}


def _done(folder: Path, shape: tuple[int, int]) -> int:
    """How many texts are taught already, of vectors of this shape."""
    if not (folder / DONE).is_file() or not (folder / ROWS).is_file():
        return 0
    found: NDArray[np.float16] = np.load(folder / ROWS, mmap_mode="r")
    return int((folder / DONE).read_text()) if found.shape == shape else 0


def _encode(model: SentenceTransformer, texts: Sequence[str]) -> NDArray[np.float16]:
    with torch.inference_mode():
        found = model.encode(
            list(texts),
            batch_size=BATCH,
            convert_to_tensor=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
    rows: NDArray[np.float16] = found.float().numpy().astype(np.float16)
    return rows
