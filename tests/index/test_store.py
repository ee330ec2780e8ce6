"""Building: what is published, what a second build repeats, and what goes wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from support.documents import Builder, small_corpus
from support.fake_encoder import BagOfTokensEncoder, BagOfWordsEncoder

from corpus import BadCatalogue, CorpusError, Document, IndexCorrupt, IndexUnavailable
from index import ChunkSettings, Index, build_index
from index.chunk import embedding_text
from index.dense import DenseIndex
from index.generation import current, files_of, read_manifest, seal
from index.opening import load_folder

DOCUMENTS = small_corpus()


def encoder() -> BagOfWordsEncoder:
    return BagOfWordsEncoder()


def files(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def generation(data: Path) -> Path:
    return data / "generations" / (data / "CURRENT").read_text().split()[0]


def test_what_is_opened_is_what_was_built(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    report = build_index(DOCUMENTS, encoder(), tmp_path, progress=lambda *step: seen.append(step))
    index = Index.open(tmp_path, encoder())
    assert tuple(index.documents.values()) == tuple(sorted(DOCUMENTS, key=lambda d: d.id))
    assert report.changed
    assert report.generation == index.generation
    assert (report.documents, report.passages) == (3, len(index.passages))
    assert (report.embedded, report.cached) == (len(index.passages), 0)
    assert report.added == ("moon.zh", "orbits.en", "orbits.fr")
    assert {stage for stage, _, _ in seen} == {"chunk", "embed", "write"}
    assert all(0 <= done <= total for _, done, total in seen)
    assert json.loads(json.dumps(report.to_json()))["added"] == list(report.added)
    for passage in index.passages:
        assert index.document(passage.document_id).text[passage.start : passage.end] == passage.text


def test_a_second_build_changes_nothing(tmp_path: Path) -> None:
    first = build_index(DOCUMENTS, encoder(), tmp_path)
    before = files(tmp_path)
    again = encoder()
    second = build_index(DOCUMENTS[::-1], again, tmp_path, failures=["x.pdf: it is encrypted"])
    assert (second.changed, second.generation) == (False, first.generation)
    assert (second.added, second.changed_documents, second.removed) == ((), (), ())
    assert second.failures == ("x.pdf: it is encrypted",)
    assert again.calls == 0
    assert files(tmp_path) == before


def test_only_what_changed_is_embedded(tmp_path: Path) -> None:
    build_index(DOCUMENTS, encoder(), tmp_path)
    english, french, chinese = DOCUMENTS
    text = "9. Something else altogether, and long enough to stand alone. " * 3
    new = Builder("new").paragraph(text, "9").build()
    redone = replace(chinese, publisher="Another")
    again = encoder()
    report = build_index([english, redone, new], again, tmp_path)
    assert (report.embedded, again.calls) == (1, 1)
    assert report.cached == report.passages - 1
    assert report.added == ("new",)
    assert report.changed_documents == ("moon.zh",)
    assert report.removed == (french.id,)


def test_force_writes_the_same_bytes_beside_the_old(tmp_path: Path) -> None:
    first = build_index(DOCUMENTS, encoder(), tmp_path)
    old = files(generation(tmp_path))
    report = build_index(DOCUMENTS, encoder(), tmp_path, force=True)
    assert report.changed
    assert report.embedded == 0
    assert report.generation == f"{first.generation}.2"
    assert files(generation(tmp_path)) == old


def test_addresses_are_indexed_and_not_encoded(tmp_path: Path) -> None:
    text = "Ports are listed at https://harbours.example/piers today. Ships moor there."
    document = Builder("links.en", language="en").paragraph(text).build()
    build_index([document], BagOfTokensEncoder(), tmp_path)
    folder = generation(tmp_path) / "late"
    tokens, sentences = np.load(folder / "tokens.npy"), np.load(folder / "sentences.npy")
    title = 3  # words
    encoded = BagOfTokensEncoder().encode_tokens([f"{document.title} Ports are listed at today"])
    assert np.array_equal(tokens[: title + 5], encoded[1][0])
    assert (sentences - title).tolist() == [[0, 5], [5, 8]]
    index = Index.open(tmp_path, BagOfTokensEncoder())
    (hit,) = index.search("harbours", 1, legs=("lexical",)).hits
    assert "harbours" in hit.passage.text
    assert "lexical" in hit.scores


def test_token_vectors_are_part_of_the_generation(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for data in (first, second):
        build_index(DOCUMENTS, BagOfTokensEncoder(), data)
    built = files(generation(first))
    assert {"late/tokens.npy", "late/starts.npy"} < set(built)
    index = Index.open(first, BagOfTokensEncoder())
    texts = [embedding_text(each, index.document(each.document_id)) for each in index.passages]
    tokens = np.load(generation(first) / "late" / "tokens.npy")
    assert np.array_equal(tokens, np.concatenate(BagOfTokensEncoder().encode_tokens(texts)[1]))
    assert built == files(generation(second))
    again = build_index(DOCUMENTS[::-1], BagOfTokensEncoder(), first, force=True)
    assert again.embedded == 0
    assert files(generation(first)) == built
    build_index(DOCUMENTS, encoder(), first)
    assert "late/tokens.npy" not in files(generation(first))
    assert Index.open(first, encoder()).reranked_by is None


@pytest.mark.parametrize("name", ["late/tokens.npy", "late/starts.npy"])
def test_damaged_token_vectors_are_found_and_made_anew(name: str, tmp_path: Path) -> None:
    build_index(DOCUMENTS, BagOfTokensEncoder(), tmp_path)
    file = generation(tmp_path) / name
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(IndexCorrupt, match="npy' does not match its checksum"):
        Index.open(tmp_path, BagOfTokensEncoder())
    assert build_index(DOCUMENTS, BagOfTokensEncoder(), tmp_path).changed
    assert Index.open(tmp_path, BagOfTokensEncoder()).search("debris").hits


def test_token_vectors_of_other_passages_are_refused(tmp_path: Path) -> None:
    build_index(DOCUMENTS, BagOfTokensEncoder(), tmp_path)
    folder = generation(tmp_path)
    pointer = current(tmp_path)
    starts = np.load(folder / "late" / "starts.npy")
    np.save(folder / "late" / "starts.npy", np.delete(starts, 1))
    manifest = replace(read_manifest(folder), files=files_of(folder))
    resealed = seal(folder, manifest)
    with pytest.raises(IndexCorrupt, match=r"late' has \d+ rows, not \d+"):
        load_folder(folder, replace(pointer, manifest=resealed.manifest), verify=True)


BUILD = """
import sys
from pathlib import Path
from index import build_index
from index.dense import DenseIndex
from support.documents import small_corpus
from support.fake_encoder import BagOfWordsEncoder
build_index(small_corpus(), BagOfWordsEncoder(), Path(sys.argv[1]))
"""


def test_the_bytes_do_not_depend_on_the_hash_seed_or_the_folder(tmp_path: Path) -> None:
    results = []
    for seed in ("1", "2"):
        data = tmp_path / f"data{seed}"
        paths = os.pathsep.join(path for path in sys.path if path)
        subprocess.run(
            [sys.executable, "-c", BUILD, str(data)],
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": paths, "PATH": os.defpath},
        )
        results.append(files(data / "generations"))
    assert results[0] == results[1]
    assert not any(str(tmp_path).encode() in content for content in results[0].values())


def test_settings_and_encoder_make_another_generation(tmp_path: Path) -> None:
    names = {
        build_index(DOCUMENTS, encoder(), tmp_path).generation,
        build_index(DOCUMENTS, encoder(), tmp_path, chunk=ChunkSettings(min_han=1)).generation,
        build_index(DOCUMENTS, BagOfWordsEncoder(name="b"), tmp_path).generation,
    }
    assert len(names) == 3
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_the_previous_generation_is_kept_and_older_ones_are_not(tmp_path: Path) -> None:
    names = [build_index(DOCUMENTS[:count], encoder(), tmp_path).generation for count in (1, 2, 3)]
    left = {folder.name for folder in (tmp_path / "generations").iterdir()}
    assert left == set(names[1:])


def test_two_documents_with_one_id_are_both_named(tmp_path: Path) -> None:
    other = replace(DOCUMENTS[1], id=DOCUMENTS[0].id)
    with pytest.raises(BadCatalogue, match=r"orbits\.fr\.txt.*'orbits\.en'.*orbits\.en\.txt"):
        build_index([DOCUMENTS[0], other], encoder(), tmp_path)
    assert not (tmp_path / "CURRENT").exists()


@pytest.mark.parametrize("documents", [[], [Builder("empty").build()]])
def test_nothing_to_index(documents: Sequence[Document], tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no text to index"):
        build_index(documents, encoder(), tmp_path)


def test_a_document_whose_spans_are_wrong_is_refused(tmp_path: Path) -> None:
    document = DOCUMENTS[0]
    moved = replace(document.paragraphs[0], start=document.paragraphs[0].start + 1)
    wrong = replace(document, paragraphs=(moved, *document.paragraphs[1:]))
    with pytest.raises(CorpusError, match=r"orbits\.en\.txt"):
        build_index([wrong], encoder(), tmp_path)


def test_one_build_at_a_time(tmp_path: Path) -> None:
    build_index(DOCUMENTS[:1], encoder(), tmp_path)
    with (tmp_path / ".lock").open("w") as handle:
        flock(handle, LOCK_EX)
        with pytest.raises(IndexUnavailable, match="Another build is running"):
            build_index(DOCUMENTS, encoder(), tmp_path)
    assert build_index(DOCUMENTS, encoder(), tmp_path).changed


FILES = ["manifest.json", "documents.jsonl", "passages.jsonl", "dense.faiss"]


@pytest.mark.parametrize("name", [*FILES, "lexical/vocabulary.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "delete"])
def test_a_damaged_file_is_named_and_the_next_build_repairs(
    name: str, damage: str, tmp_path: Path
) -> None:
    build_index(DOCUMENTS, encoder(), tmp_path)
    file = generation(tmp_path) / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "delete":
        file.unlink()
    else:
        file.write_bytes(content if damage == "flip" else content[:-9])
    with pytest.raises(IndexCorrupt, match="sextant build --force") as caught:
        Index.open(tmp_path, encoder())
    assert caught.value.file == file
    report = build_index(DOCUMENTS, encoder(), tmp_path)
    assert (report.changed, report.embedded) == (True, 0)
    assert Index.open(tmp_path, encoder()).search("debris").hits


@pytest.mark.parametrize("pointer", ["", "nonsense", "../../etc x\n", "0" * 16 + " " + "0" * 64])
def test_a_damaged_pointer(pointer: str, tmp_path: Path) -> None:
    build_index(DOCUMENTS, encoder(), tmp_path)
    (tmp_path / "CURRENT").write_text(pointer)
    with pytest.raises(IndexCorrupt):
        Index.open(tmp_path, encoder())
    build_index(DOCUMENTS, encoder(), tmp_path)
    assert Index.open(tmp_path, encoder()).is_current()


@pytest.mark.parametrize("change", [{"format": 99}, {"passages": "many"}, {"files": 3}])
def test_a_manifest_that_cannot_be_used(change: dict[str, object], tmp_path: Path) -> None:
    build_index(DOCUMENTS, encoder(), tmp_path)
    file = generation(tmp_path) / "manifest.json"
    content = json.dumps(json.loads(file.read_text()) | change).encode()
    file.write_bytes(content)
    name = file.parent.name
    (tmp_path / "CURRENT").write_text(f"{name} {sha256(content).hexdigest()}\n")
    with pytest.raises(IndexCorrupt):
        Index.open(tmp_path, encoder())


def test_line_separators_and_rare_characters_survive(tmp_path: Path) -> None:
    text = "One\u2028two\u0085three\x1d four 𝛑 five"
    build_index([Builder("d").paragraph(text).build()], encoder(), tmp_path)
    assert Index.open(tmp_path, encoder()).passages[0].text == text


def resign(folder: Path, name: str, content: bytes) -> None:
    """Replaces a file and every checksum above it: damage that no checksum shows."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"size": len(content), "sha256": sha256(content).hexdigest()}
    whole = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(whole)
    (folder.parents[1] / "CURRENT").write_text(f"{folder.name} {sha256(whole).hexdigest()}\n")


@pytest.mark.parametrize("name", ["documents.jsonl", "passages.jsonl"])
@pytest.mark.parametrize("content", [b"", b"{}\n", b"not json\n", b"\xff\n", b"[1]\n"])
def test_records_that_are_not_what_they_should_be(
    name: str, content: bytes, tmp_path: Path
) -> None:
    build_index(DOCUMENTS, encoder(), tmp_path)
    resign(generation(tmp_path), name, content)
    with pytest.raises(IndexCorrupt):
        Index.open(tmp_path, encoder())


def test_legs_with_other_rows_than_the_passages(tmp_path: Path) -> None:
    build_index(DOCUMENTS[:1], encoder(), tmp_path / "less")
    build_index(DOCUMENTS, encoder(), tmp_path / "more")
    less, more = generation(tmp_path / "less"), generation(tmp_path / "more")
    for name in ("starts.npy", "rows.npy", "weights.npy", "idf.npy", "vocabulary.json"):
        resign(more, f"lexical/{name}", (less / "lexical" / name).read_bytes())
    with pytest.raises(IndexCorrupt, match="rows"):
        Index.open(tmp_path / "more", encoder())
    resign(more, "dense.faiss", (less / "dense.faiss").read_bytes())
    with pytest.raises(IndexCorrupt, match=r"dense\.faiss"):
        Index.open(tmp_path / "more", encoder())


def test_opening_goes_on_to_a_generation_published_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(DOCUMENTS[:1], encoder(), tmp_path)
    read = Path.read_bytes

    def overtaken(file: Path) -> bytes:
        monkeypatch.undo()
        for count in (2, 3):  # the second drops the generation that is being opened
            build_index(DOCUMENTS[:count], encoder(), tmp_path)
        return read(file)

    monkeypatch.setattr(Path, "read_bytes", overtaken)
    assert len(Index.open(tmp_path, encoder()).documents) == 3


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(IndexUnavailable, match="--data"):
        build_index(DOCUMENTS, encoder(), file / "data")


def test_a_full_disk_is_explained_and_the_old_index_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(DOCUMENTS[:1], encoder(), tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(IndexUnavailable, match="No space left"):
            build_index(DOCUMENTS, encoder(), tmp_path)
    assert not list((tmp_path / "generations").glob(".tmp-*"))  # its room is wanted
    assert len(Index.open(tmp_path, encoder()).documents) == 1


def test_a_leg_that_reads_back_wrong_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = DenseIndex.build
    monkeypatch.setattr(DenseIndex, "build", lambda vectors: build(-vectors))
    with pytest.raises(IndexCorrupt, match="does not find a vector"):
        build_index(DOCUMENTS, encoder(), tmp_path)
    assert not (tmp_path / "CURRENT").exists()
