"""export: the static vectors -> a StaticEmbedding folder, to be measured beside the other one."""

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from training.layout import CARD, WEIGHTS, fresh_folder, publish, write_modules
from training.manifest import Progress, sha256, write_json
from training.tokenizer import TOKENIZER

BAG, UNIT = "0_StaticEmbedding", "1_Normalize"
KINDS = (("StaticEmbedding", BAG), ("Normalize", UNIT))
KEY = "embedding.weight"
NOTE = "The static vectors that the shipped encoder starts from; see its model card.\n"


def write_static(
    vectors: NDArray[np.float32], tokenizer: Path, folder: Path, say: Progress
) -> dict[str, object]:
    """Write the model to ``folder`` in one step; ``vectors`` are (vocabulary, dim).

    Float32: half-precision rows would be added up in half precision by sentence-transformers.
    """
    fresh = fresh_folder(folder)
    for name in (BAG, UNIT):
        (fresh / name).mkdir()
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    save_file({KEY: rows}, fresh / BAG / WEIGHTS, metadata={"format": "pt"})
    shutil.copyfile(tokenizer, fresh / BAG / TOKENIZER)
    write_json(fresh / UNIT / "config.json", {})
    write_modules(fresh, KINDS)
    (fresh / CARD).write_text(NOTE, encoding="utf-8")
    size = publish(fresh, folder)
    say(f"export: {size / 1e6:.1f} MB of static vectors")
    return {"bytes": size, "dim": rows.shape[1], "weights_sha256": sha256(folder / BAG / WEIGHTS)}
