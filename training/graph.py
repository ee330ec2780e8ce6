"""The ONNX graph of the contextual encoder, in the operators that onnxruntime runs fastest.

The arithmetic of transformers' ModernBERT with global attention, mean pooling and a dense layer,
for one text at a time: without padding a text's vector does not hang on its neighbours in a
batch, and attention needs no mask. The weights of the layers are int8 by output channel, their
inputs are quantised as they come; token vectors stay float16 in the safetensors file beside the
graph, and are looked up there.

Input: ``ids`` (1, length) int64. Outputs: ``vectors`` (1, output) float32, not of unit length,
and ``tokens`` (1, length, token_dim) float32.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from training.layout import WEIGHTS

GRAPH = "model.onnx"
EMBEDDINGS = "embeddings.tok_embeddings.weight"
OPSET = 20
MICROSOFT = "com.microsoft"  # onnxruntime's own operators
INT8 = 127
THETA = 10_000.0


@dataclass(slots=True)
class _Graph:
    """Nodes and constants as they are added; every value has a name of its own."""

    tensors: Mapping[str, NDArray[Any]]
    nodes: list[onnx.NodeProto]
    constants: list[onnx.TensorProto]
    quantised: dict[str, str]

    def add(
        self,
        op: str,
        *inputs: str,
        outputs: int = 1,
        name: str = "",
        own: bool = False,
        **rest: Any,
    ) -> str:
        """One operator; returns its first output. ``own``: one of onnxruntime's."""
        first = name or f"v{len(self.nodes)}"
        names = [first, *(f"{first}.{n}" for n in range(1, outputs))]
        domain = MICROSOFT if own else ""
        self.nodes.append(helper.make_node(op, list(inputs), names, domain=domain, **rest))
        return first

    def constant(self, value: NDArray[Any]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def norm(self, value: str, name: str, epsilon: float) -> str:
        weight = self.constant(self.tensors[f"{name}.weight"].astype(np.float32))
        return self.add("LayerNormalization", value, weight, axis=-1, epsilon=epsilon)

    def product(self, value: str, weight: NDArray[Any]) -> str:
        """``value`` (1, length, inputs) times ``weight`` (outputs, inputs), in int8."""
        if value not in self.quantised:
            self.quantised[value] = self.add("DynamicQuantizeLinear", value, outputs=3)
        rows = self.quantised[value]
        matrix = weight.astype(np.float32).T
        factors = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / INT8
        whole = np.rint(matrix / factors).astype(np.int8)
        inputs = (rows, self.constant(whole), f"{rows}.1", self.constant(factors), f"{rows}.2")
        return self.add("MatMulIntegerToFloat", *inputs, own=True)

    def embeddings(self, file: Path) -> str:
        """The token vectors, by reference into the safetensors file."""
        with file.open("rb") as opened:
            size = int.from_bytes(opened.read(8), "little")
            row = json.loads(opened.read(size))[EMBEDDINGS]
        start, end = row["data_offsets"]
        tensor = TensorProto(name=EMBEDDINGS, data_type=TensorProto.FLOAT16, dims=row["shape"])
        tensor.data_location = TensorProto.EXTERNAL
        at = {"location": file.name, "offset": 8 + size + start, "length": end - start}
        for key, value in at.items():
            tensor.external_data.add(key=key, value=str(value))
        self.constants.append(tensor)
        return EMBEDDINGS


def write_graph(folder: Path, dense: Path, token_dim: int) -> None:
    """Write ``model.onnx`` beside ``config.json`` and ``model.safetensors`` (float16).

    ``dense`` is the dense layer's safetensors file.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    hidden, heads = config["hidden_size"], config["num_attention_heads"]
    wide, epsilon = config["intermediate_size"], config["norm_eps"]
    g = _Graph(load_file(folder / WEIGHTS), [], [], {})
    cosines, sines = _rotation(config["max_position_embeddings"], hidden // heads)
    turn = (g.constant(np.array([0], np.int64)), g.constant(cosines), g.constant(sines))
    found = g.add("Gather", g.embeddings(folder / WEIGHTS), "ids")
    states = g.norm(g.add("Cast", found, to=TensorProto.FLOAT), "embeddings.norm", epsilon)
    for n in range(config["num_hidden_layers"]):
        at = f"layers.{n}"
        inner = states if n == 0 else g.norm(states, f"{at}.attn_norm", epsilon)
        qkv = g.tensors[f"{at}.attn.Wqkv.weight"]
        query, key, value = (
            g.product(inner, qkv[part * hidden : (part + 1) * hidden]) for part in range(3)
        )
        query, key = (
            g.add("RotaryEmbedding", part, *turn, own=True, num_heads=heads)
            for part in (query, key)
        )
        seen = g.add("MultiHeadAttention", query, key, value, own=True, num_heads=heads)
        states = g.add("Add", states, g.product(seen, g.tensors[f"{at}.attn.Wo.weight"]))
        inner = g.norm(states, f"{at}.mlp_norm", epsilon)
        both = g.tensors[f"{at}.mlp.Wi.weight"]
        opened = g.add("QuickGelu", g.product(inner, both[:wide]), own=True, alpha=1.0)  # SiLU
        gated = g.add("Mul", opened, g.product(inner, both[wide:]))
        states = g.add("Add", states, g.product(gated, g.tensors[f"{at}.mlp.Wo.weight"]))
    states = g.norm(states, "final_norm", epsilon)
    bounds = (g.constant(np.array([value], np.int64)) for value in (0, token_dim, 2))
    g.add("Slice", states, *bounds, name="tokens")
    mean = g.add("ReduceMean", states, g.constant(np.array([1], np.int64)), keepdims=0)
    layer = load_file(dense)["linear.weight"].astype(np.float32)
    g.add("MatMul", mean, g.constant(layer.T), name="vectors")
    _save(g, folder, len(layer), token_dim)


def _save(g: _Graph, folder: Path, output: int, token_dim: int) -> None:
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"])
    outputs = [
        helper.make_tensor_value_info("vectors", TensorProto.FLOAT, [1, output]),
        helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [1, "length", token_dim]),
    ]
    graph = helper.make_graph(g.nodes, "encoder", [ids], outputs, g.constants)
    imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=10)
    (folder / GRAPH).write_bytes(model.SerializeToString(deterministic=True))


def _rotation(positions: int, dim: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines and sines (positions, dim / 2) of the rotary embedding (Su et al. 2021)."""
    speed = 1.0 / THETA ** (np.arange(0, dim, 2, dtype=np.float32) / dim)
    angle = np.arange(positions, dtype=np.float32)[:, None] * speed
    return np.cos(angle), np.sin(angle)
