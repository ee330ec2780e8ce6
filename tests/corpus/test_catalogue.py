"""The catalogue: what it accepts, what it refuses and how it says so, and the check of hashes."""

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import BadCatalogue, Entry, read_catalogue, render_entry, verify_catalogue
from corpus.types import LANGUAGES

SHIPPED = Path(__file__).resolve().parents[2] / "corpus" / "catalogue.toml"


def catalogue(folder: Path, text: str) -> Path:
    path = folder / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_every_key_is_read(tmp_path: Path) -> None:
    path = catalogue(
        tmp_path,
        f"""
        [[document]]
        file = "a.pdf"
        work = "a-1"
        language = "zh"
        sha256 = "{"AB" * 32}"
        symbol = "A/AC.105/1"
        title = "标题"
        publisher = "P"
        date = 2021-05-01
        url = "https://example.org/a.pdf"
        licence = "L"
        digest = true

        [[document]]
        file = "b.txt"
        date = "1999-12-31"
        """,
    )
    entries = read_catalogue(path)
    assert list(entries) == ["a.pdf", "b.txt"]
    assert entries["a.pdf"] == Entry(
        file="a.pdf",
        work="a-1",
        language="zh",
        sha256="ab" * 32,
        symbol="A/AC.105/1",
        title="标题",
        publisher="P",
        date=dt.date(2021, 5, 1),
        url="https://example.org/a.pdf",
        licence="L",
        digest=True,
    )
    assert entries["b.txt"] == Entry(file="b.txt", date=dt.date(1999, 12, 31))


def test_an_empty_catalogue_has_no_entries(tmp_path: Path) -> None:
    assert read_catalogue(catalogue(tmp_path, "# nothing yet\n")) == {}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('work = "w"', "'file' is missing"),
        ('file = ""', "'file' must be a non-empty string"),
        ("file = 3", "'file' must be a non-empty string"),
        ('file = "a/b.txt"', "plain file name"),
        ('file = "a\\\\b.txt"', "plain file name"),
        ('file = ".."', "plain file name"),
        ('file = "../a.txt"', "plain file name"),
        ('file = "C:a.txt"', "plain file name"),
        ('file = "a\\u0000.txt"', "plain file name"),
        ('file = "a.txt"\nlanguage = "de"', "unknown language 'de'; use one of zh, en"),
        ('file = "a.txt"\nsha256 = "abc"', "64 hexadecimal digits"),
        ('file = "a.txt"\nsha256 = "' + "g" * 64 + '"', "64 hexadecimal digits"),
        ('file = "a.txt"\ndate = "2021-02-30"', "'2021-02-30'"),
        ('file = "a.txt"\ndate = "20210203"', "YYYY-MM-DD"),
        ('file = "a.txt"\ndate = 2021', "YYYY-MM-DD"),
        ('file = "a.txt"\ndate = 2021-05-01T10:00:00', "YYYY-MM-DD"),
        ('file = "a.txt"\ncolour = "red"', "unknown key 'colour'; the keys are file, work"),
        ('file = "a.txt"\nurl = "file:///etc/passwd"', "'url' must begin with https://"),
        ('file = "a.txt"\nurl = "https:///x"', "and a host"),
        ('file = "a.txt"\ndigest = "yes"', "'digest' must be true or false"),
        ('file = "a.txt"\ntitle = 7', "'title' must be a non-empty string"),
        ('file = "first.txt"', "has an entry already"),
    ],
)
def test_a_bad_entry_is_refused_by_number_line_and_name(
    tmp_path: Path, lines: str, says: str
) -> None:
    path = catalogue(tmp_path, f'[[document]]\nfile = "first.txt"\n\n[[document]]\n{lines}\n')
    with pytest.raises(BadCatalogue) as caught:
        read_catalogue(path)
    assert caught.value.path == path
    assert "entry 2, line 4" in caught.value.why
    assert says in caught.value.why


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[document]]\nfile = "a.txt\n', "line 2"),
        ('[[documents]]\nfile = "a.txt"\n', "unknown key 'documents'"),
        ('[document]\nfile = "a.txt"\n', "two brackets"),
        ('document = ["a.txt"]\n', "two brackets"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadCatalogue, match=says):
        read_catalogue(catalogue(tmp_path, text))


def test_a_missing_or_undecodable_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue, match="cannot be read"):
        read_catalogue(tmp_path / "none.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes('[[document]]\nfile = "é"\n'.encode("latin-1"))
    with pytest.raises(BadCatalogue, match="not UTF-8"):
        read_catalogue(path)


def test_every_file_is_verified_in_name_order(tmp_path: Path) -> None:
    contents = {"ok.txt": b"1", "changed.txt": b"2", "nohash.txt": b"3", "new.md": b"4"}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "catalogue.toml").write_text("")
    (tmp_path / "picture.png").write_bytes(b"5")
    (tmp_path / "folder.txt").mkdir()
    entries = {
        "ok.txt": Entry("ok.txt", sha256=sha(b"1")),
        "changed.txt": Entry("changed.txt", sha256=sha(b"other")),
        "nohash.txt": Entry("nohash.txt"),
        "gone.pdf": Entry("gone.pdf", sha256=sha(b"6")),
    }
    found = [(v.file, v.status, v.expected, v.actual) for v in verify_catalogue(tmp_path, entries)]
    assert found == [
        ("changed.txt", "changed", sha(b"other"), sha(b"2")),
        ("gone.pdf", "missing", sha(b"6"), None),
        ("new.md", "uncatalogued", None, sha(b"4")),
        ("nohash.txt", "uncatalogued", None, sha(b"3")),
        ("ok.txt", "ok", sha(b"1"), sha(b"1")),
    ]


def test_a_missing_folder_has_every_entry_missing(tmp_path: Path) -> None:
    found = verify_catalogue(tmp_path / "none", {"a.txt": Entry("a.txt")})
    assert [(v.file, v.status) for v in found] == [("a.txt", "missing")]


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: bool(text.strip()))
NAMES = st.from_regex(r"\A[\w \"'#=\[\]-]{1,20}\.txt\Z")


@given(
    st.builds(
        Entry,
        file=NAMES,
        work=st.none() | TEXTS,
        language=st.none() | st.sampled_from(LANGUAGES),
        sha256=st.none() | st.binary(max_size=4).map(sha),
        symbol=st.none() | TEXTS,
        title=st.none() | TEXTS,
        publisher=st.none() | TEXTS,
        date=st.none() | st.dates(),
        url=st.none() | st.just("https://example.org/x?y=%22"),
        licence=st.none() | TEXTS,
        digest=st.booleans(),
    )
)
def test_a_rendered_entry_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, entry: Entry
) -> None:
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.toml"
    path.write_bytes(render_entry(entry).encode("utf-8"))
    assert read_catalogue(path) == {entry.file: entry}


def test_the_shipped_catalogue_matches_the_real_documents(real_corpus: Path) -> None:
    entries = read_catalogue(SHIPPED)
    real = {name: entry for name, entry in entries.items() if (real_corpus / name).exists()}
    assert len(real) == 5
    assert [v.status for v in verify_catalogue(real_corpus, real)] == ["ok"] * 5
    assert real["001_e44ddfd6321435c8.txt"].symbol == "A/AC.105/1235"
    assert real["004_0fc38f682379eb29.txt"].date == dt.date(2025, 7, 22)
    assert {entry.language for entry in real.values()} == {"zh"}
    assert len({entry.work for entry in real.values()}) == 5
