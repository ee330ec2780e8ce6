"""A folder of documents: what of it is read, and what is not."""

from pathlib import Path

import pytest

from corpus import CorpusMissing, corpus_files, read_corpus, skipped_files


def laid_out(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("Kelp grows by half a metre a day.", encoding="utf-8")
    return folder


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    hidden = (".note.rtf", ".git/config.txt", "annex/.cache/a.txt", "annex/.b.txt")
    skipped = ("annex/catalogue.toml", "annex/deep/c.md", "annex/kelp.txt", "table.xlsx", "README")
    folder = laid_out(tmp_path, "kelp.txt", "MOSS.TXT", "catalogue.toml", *hidden, *skipped)
    (folder / "linked").symlink_to(folder / "annex", target_is_directory=True)
    assert skipped_files(folder) == tuple(sorted(skipped))
    assert [path.name for path in corpus_files(folder)] == ["MOSS.TXT", "kelp.txt"]
    assert skipped_files(tmp_path / "none") == ()


def test_a_folder_with_nothing_that_is_read_says_what_it_holds(tmp_path: Path) -> None:
    files = ("2020/a.txt", "2021/b.txt", "c.xlsx", "d.rtf")
    with pytest.raises(CorpusMissing, match=r"not read: 2020/a\.txt, 2021/b\.txt, c\.xlsx …\."):
        read_corpus(laid_out(tmp_path, *files))
    with pytest.raises(CorpusMissing, match=r"No documents in '.*none'\. Name a folder"):
        read_corpus(tmp_path / "none")
