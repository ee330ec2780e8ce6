"""``sextant corpus``: verify, list and fetch."""

import hashlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from service.cli import main

TEXT = "Report on kelp\n\n1. Kelp grows by half a metre a day in clear water.\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "kelp.txt").write_text(TEXT, encoding="utf-8")
    (folder / "catalogue.toml").write_text(entry("kelp.txt", TEXT), encoding="utf-8")
    return folder


def entry(file: str, text: str, url: str | None = None) -> str:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    lines = ["[[document]]", f'file = "{file}"', f'sha256 = "{sha256}"', 'symbol = "K/1"']
    return "\n".join([*lines, f'url = "{url}"' if url else ""]) + "\n"


def outcome(
    capsys: pytest.CaptureFixture[str], corpus: Path, *arguments: str
) -> tuple[int, str, str]:
    """(status, stdout, stderr) with the folder's own catalogue only."""
    own = ["--corpus", str(corpus), "--catalogue", str(corpus / "catalogue.toml")]
    status = main(["corpus", *arguments, *own])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_verify(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = outcome(capsys, corpus, "verify", "--json")
    assert (status, err) == (0, "")
    assert [(f["file"], f["status"]) for f in json.loads(out)["files"]] == [("kelp.txt", "ok")]
    (corpus / "kelp.txt").write_text("Other.", encoding="utf-8")
    status, out, err = outcome(capsys, corpus, "verify", "--json")
    assert (status, json.loads(out)["ok"]) == (1, False)
    assert err.startswith("sextant: kelp.txt is changed.")
    (corpus / "kelp.txt").unlink()
    status, out, err = outcome(capsys, corpus, "verify")
    assert (status, "missing" in out) == (1, True)
    assert err.startswith("sextant: kelp.txt is missing.")


def test_a_default_catalogue_of_another_folder_misses_nothing(
    tmp_path: Path,
    corpus: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (corpus / "catalogue.toml").unlink()
    shipped = tmp_path / "shipped.toml"
    shipped.write_text(entry("far.txt", "far"), encoding="utf-8")
    monkeypatch.setenv("SEXTANT_CATALOGUE", str(shipped))
    assert main(["corpus", "verify", "--json", "--corpus", str(corpus)]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert [(f["file"], f["status"]) for f in files] == [("kelp.txt", "uncatalogued")]


def test_verify_needs_a_folder(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["corpus", "verify", "--corpus", str(corpus / "none")])
    assert (status, "--corpus" in capsys.readouterr().err) == (1, True)


def test_list(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "moss.txt").write_text("Note on moss\n\n1. Moss is soft.\n", encoding="utf-8")
    status, out, err = outcome(capsys, corpus, "list", "--json")
    listed = {d["file"]: d for d in json.loads(out)["documents"]}
    assert status == 0
    assert (listed["kelp.txt"]["symbol"], listed["kelp.txt"]["catalogued"]) == ("K/1", True)
    assert listed["moss.txt"]["catalogued"] is False
    assert err == "sextant: moss.txt has no catalogue entry: what is shown was inferred.\n"
    _, out, _ = outcome(capsys, corpus, "list")
    assert "kelp.txt" in out
    assert "K/1" in out


def test_list_reports_bad_files(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "empty.txt").touch()
    status, out, err = outcome(capsys, corpus, "list", "--json")
    assert status == 1
    assert [failure["file"] for failure in json.loads(out)["failures"]] == ["empty.txt"]
    assert err.startswith("sextant: empty.txt: ")


def test_list_names_what_is_not_read(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("g.rtf", "f.rtf", "e.xlsx", "d.odt", "c.doc"):
        (corpus / name).touch()
    (corpus / "annex").mkdir()
    (corpus / "annex" / "b.txt").touch()
    status, out, err = outcome(capsys, corpus, "list", "--json")
    skipped = ["annex/b.txt", "c.doc", "d.odt", "e.xlsx", "f.rtf", "g.rtf"]
    assert (status, json.loads(out)["skipped"]) == (0, skipped)
    said = f"sextant: 6 files are not read in '{corpus}': {', '.join(skipped[:5])} and 1 more. "
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_list_fits_a_terminal(
    corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    title = "Report of the working group on the long-term growth of kelp in cold and clear water"
    name = "report-of-the-working-group.txt"
    (corpus / name).write_text(f"{title}\n\n1. Kelp grows.\n\n2. Twice a day.\n", "utf-8")
    entries = "".join(entry(file, TEXT) for file in ("kelp.txt", name))
    named = entries.replace(f'file = "{name}"', f'file = "{name}"\ntitle = "{title}"')
    (corpus / "catalogue.toml").write_text(named.replace("K/1", "A/AC.105/C.1/1"), "utf-8")
    monkeypatch.setenv("TERM", "dumb")  # no colours
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    (corpus / "kelp.txt").unlink()
    status, out, _ = outcome(capsys, corpus, "list")
    assert status == 0
    head, *below = [line.rstrip() for line in out.splitlines()]
    assert head == "a-ac-105-c-1-1.en  A/AC.105/C.1/1 · en"
    assert below == [
        "  Report of the working group on the long-term growth of kelp in cold and clear",
        "  water",
        f"  {name} · 3 paragraphs, 0 notes",
    ]
    monkeypatch.undo()
    _, out, _ = outcome(capsys, corpus, "list")  # a line stays a line where nobody looks
    assert f"\n  {title}\n" in out


class Kelp(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = TEXT.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_fetch(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "kelp.txt").unlink()
    with ThreadingHTTPServer(("127.0.0.1", 0), Kelp) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}/kelp.txt"
            named = entry("kelp.txt", TEXT, url)
            (corpus / "catalogue.toml").write_text(named, encoding="utf-8")
            status, out, err = outcome(capsys, corpus, "fetch", "--json")
            assert (status, json.loads(out)["files"][0]["status"]) == (1, "failed")
            assert err.startswith(f"sextant: kelp.txt: {url}: ")
            status, out, err = outcome(capsys, corpus, "fetch", "--allow-private")
            assert (status, err) == (0, "")
            assert "downloaded" in out
        finally:
            server.shutdown()
            thread.join()
    assert (corpus / "kelp.txt").read_text(encoding="utf-8") == TEXT


def test_nothing_to_fetch(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = outcome(capsys, corpus, "fetch", "--json")
    assert (status, json.loads(out)) == (0, {"files": []})
    assert "nothing to fetch" in err
