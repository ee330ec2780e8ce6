"""Fixtures shared by all tests: the real documents, read where they lie."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_DEFAULT = ROOT.parent / "shared" / "corpus"
_FILES = 5


@pytest.fixture(scope="session")
def real_corpus() -> Path:
    """The folder of the five documents; skipped without it on a laptop, failed in CI."""
    folder = Path(os.environ.get("SEXTANT_CORPUS") or _DEFAULT)
    if folder.is_dir() and len(list(folder.glob("00*.txt"))) == _FILES:
        return folder
    message = f"the five documents are not in '{folder}'; set SEXTANT_CORPUS"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
