"""The import rules of the design, read from the syntax trees; each rule is shown to catch a breach.

``corpus <- index <- service`` and ``corpus <- eval``; a heavy package in one named file; one door
per folder; a private name stays in its file; a file stays small.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("corpus", "index", "service", "eval", "training")
LINES = 300
TEST_LINES = 600

MAY_IMPORT = {
    "corpus": {"corpus"},
    "index": {"index", "corpus"},
    "service": {"service", "index", "corpus"},
    "eval": {"eval", "corpus"},
    "training": {"training", "index", "corpus"},
}

# Package -> the files (or, ending in '/', the folders) that may import it.
ONLY_IN = {
    "faiss": ("index/dense.py",),
    "sentence_transformers": ("index/embed_st.py", "index/rerank_st.py", "training/"),
    "torch": ("index/embed_st.py", "training/"),
    "onnxruntime": ("index/contextual.py",),
    "onnx": ("training/graph.py",),
    "fastapi": ("service/app.py", "service/problems.py"),
    "openai": ("service/llm_client.py",),
    "opencc": ("corpus/chinese.py",),
    "langchain_core": ("service/langchain.py",),
    "llama_index": ("service/llamaindex.py",),
    "mcp": ("service/mcp.py",),
    "mcp_types": ("service/mcp.py", "service/mcp_tools.py"),
}
ENVIRONMENT = "service/settings.py"
READERS = {"environ", "getenv", "putenv"}

SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def imports(tree: ast.Module, file: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(module, names) of every import, relative ones made absolute; no names for ``import x``."""
    package = Path(file).parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ()
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module, tuple(alias.name for alias in node.names)


def targets(tree: ast.Module, file: str) -> Iterator[str]:
    """Dotted path of our own modules imported; ``from corpus import types`` is ``corpus.types``."""
    for module, names in imports(tree, file):
        if module.split(".")[0] not in FOLDERS:
            continue
        yield module
        for name in names:
            if is_module(f"{module}.{name}") and name not in exported(module):
                yield f"{module}.{name}"


def exported(package: str) -> set[str]:
    """Names that a package's ``__init__`` binds: ``from corpus import fetch`` is the function."""
    door = ROOT.joinpath(*package.split(".")) / "__init__.py"
    tree = ast.parse(door.read_text(encoding="utf-8") if door.is_file() else "")
    return {name for _, names in imports(tree, "") for name in names}


def is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def is_package(dotted: str) -> bool:
    return (ROOT.joinpath(*dotted.split(".")) / "__init__.py").is_file()


def against_layers(source: str, file: str) -> list[str]:
    """Imports against the one direction."""
    folder = Path(file).parts[0]
    allowed = set(MAY_IMPORT[folder])
    if folder == "service" and Path(file).name.startswith("cli"):
        allowed.add("eval")
    if file.startswith("eval/bench/"):  # a bench builds what it compares; it judges nothing
        allowed.add("index")
    return [
        f"{file} imports {target}"
        for target in targets(ast.parse(source), file)
        if target.split(".")[0] not in allowed
    ]


def against_one_file(source: str, file: str) -> list[str]:
    """Heavy packages, and the environment, outside their file."""
    tree = ast.parse(source)
    wrong = []
    for module, names in imports(tree, file):
        top = module.split(".")[0]
        if top in ONLY_IN and not file.startswith(ONLY_IN[top]):
            wrong.append(f"{file} imports {top}")
        if module == "os" and READERS & set(names) and file != ENVIRONMENT:
            wrong.append(f"{file} imports the environment")
    if file != ENVIRONMENT:
        wrong += [
            f"{file}, line {node.lineno} reads the environment"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr in READERS
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
        ]
    return wrong


def against_doors(source: str, file: str) -> list[str]:
    """Imports past the ``__init__`` of a package that the file is not in."""
    wrong = []
    for target in targets(ast.parse(source), file):
        parts = target.split(".")
        for depth in range(1, len(parts)):
            package = parts[:depth]
            inside = list(Path(file).parts[:depth]) == package
            if is_package(".".join(package)) and not inside:
                wrong.append(f"{file} imports {target} past the door of {'.'.join(package)}")
                break
    return wrong


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def defined_private(tree: ast.Module) -> set[str]:
    """Private names that the file makes itself: functions, classes, variables, attributes."""
    made: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            made.add(node.id if isinstance(node, ast.Name) else node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            made.add(node.value)  # __slots__
    return {name for name in made if is_private(name)}


def against_privacy(source: str, file: str, among: set[str] | None = None) -> list[str]:
    """Private names imported, or read from an object, that another file made.

    ``among`` limits the attributes looked at; without it those of other packages count too.
    """
    tree = ast.parse(source)
    own = defined_private(tree)
    wrong = [
        f"{file} imports {module}.{name}"
        for module, names in imports(tree, file)
        if module.split(".")[0] in FOLDERS
        for name in names
        if is_private(name)
    ]
    wrong += [
        f"{file}, line {node.lineno} uses .{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and is_private(node.attr)
        and node.attr not in own
        and (among is None or node.attr in among)
    ]
    return wrong


RULES = (against_layers, against_one_file, against_doors, against_privacy)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(rule) -> None:
    wrong = [
        fault
        for path in SOURCES
        for fault in rule(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ]
    assert wrong == []


def test_tests_use_no_private_name_of_the_code() -> None:
    ours = set().union(*(defined_private(ast.parse(path.read_text("utf-8"))) for path in SOURCES))
    wrong = []
    for path in TESTS:
        source, file = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
        wrong += against_privacy(source, file, ours)
    assert wrong == []


def test_files_stay_small() -> None:
    limits = dict.fromkeys(SOURCES, LINES) | dict.fromkeys(TESTS, TEST_LINES)
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in limits}
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path, lines in lengths.items()
        if lines > limits[path]
    }
    assert long == {}


def test_every_folder_is_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(FOLDERS)


@pytest.mark.parametrize(
    ("rule", "file", "source"),
    [
        (against_layers, "corpus/clean.py", "import index"),
        (against_layers, "corpus/clean.py", "def late():\n    from service import app"),
        (against_layers, "index/search.py", "from service import settings"),
        (against_layers, "eval/run.py", "from index import Index"),
        (against_layers, "service/app.py", "import eval"),
        (against_layers, "index/search.py", "from ..service import app"),
        (against_one_file, "index/search.py", "import faiss"),
        (against_one_file, "index/embed.py", "from torch import nn"),
        (against_one_file, "index/rerank_st.py", "import torch"),
        (against_one_file, "index/rerank.py", "from sentence_transformers import CrossEncoder"),
        (against_one_file, "index/embed.py", "import onnxruntime"),
        (against_one_file, "service/live.py", "from fastapi.responses import Response"),
        (against_one_file, "index/embed.py", "import os\nos.environ.get('X')"),
        (against_one_file, "index/embed.py", "from os import getenv"),
        (against_doors, "index/search.py", "from corpus.types import Hit"),
        (against_doors, "index/search.py", "from corpus import types"),
        (against_doors, "corpus/library.py", "from corpus.load import pdf\nimport corpus.load.pdf"),
        (against_privacy, "index/search.py", "from corpus import _hidden"),
        (against_privacy, "index/search.py", "def peek(index):\n    return index._rows"),
    ],
)
def test_a_breach_is_caught(rule, file: str, source: str) -> None:
    assert rule(source, file) != []


@pytest.mark.parametrize(
    ("rule", "file", "source"),
    [
        (against_layers, "service/cli.py", "import eval\nfrom index import Index"),
        (against_layers, "service/cli_eval.py", "from eval import evaluate"),
        (against_one_file, "index/dense.py", "import faiss"),
        (against_one_file, "index/rerank_st.py", "import sentence_transformers"),
        (against_one_file, "training/train.py", "from torch import nn"),
        (against_one_file, "service/settings.py", "import os\nos.environ.get('X')"),
        (against_doors, "corpus/clean.py", "from corpus.types import Hit"),
        (against_doors, "index/search.py", "from corpus import Hit"),
        (against_doors, "service/cli_corpus.py", "from corpus import fetch"),
        (against_doors, "corpus/library.py", "from corpus.load import load"),
        (
            against_privacy,
            "index/search.py",
            "class A:\n    def f(self):\n        self._x = self._x",
        ),
    ],
)
def test_what_is_allowed_passes(rule, file: str, source: str) -> None:
    assert rule(source, file) == []
