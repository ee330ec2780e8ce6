"""The command line, command by command: what it prints where, and with which status it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.fake_encoder import BagOfWordsEncoder
from support.model_server import line, model_server, says

from corpus import Document
from service import commands
from service.cli import main

MOON = """# Report on lunar dust

## Findings

1. Lunar dust wears out seals within forty hours of use.

2. Robots should sweep lunar dust before any crew opens a hatch.
"""
FISH = """# Note on trout

1. Trout swim upstream in spring. Nets must have wide meshes.
"""
CATALOGUE = """[[document]]
file = "moon.md"
work = "moon"
symbol = "A/1"
sha256 = "{sha256}"
"""


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two documents, and settings that lead to it and nowhere else."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "moon.md").write_text(MOON, encoding="utf-8")
    (folder / "fish.md").write_text(FISH, encoding="utf-8")
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text("", encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("SEXTANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SEXTANT_CORPUS", str(folder))
    monkeypatch.setenv("SEXTANT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SEXTANT_CATALOGUE", str(catalogue))
    monkeypatch.setattr(commands, "open_encoder", lambda name, **_: BagOfWordsEncoder())
    return folder


@pytest.fixture
def built(corpus: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["build"]) == 0
    capsys.readouterr()
    return corpus


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(status, stdout, stderr)."""
    status = main(arguments)
    return status, *capsys.readouterr()


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1


def test_build_says_what_changed(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = outcome(capsys, "build")
    assert (status, err) == (0, "")
    assert out.startswith("Indexed 2 documents, ")
    assert "added: fish.en, moon.en" in out
    assert outcome(capsys, "build")[1].startswith("Nothing changed: 2 documents, ")
    (corpus / "fish.md").unlink()
    (corpus / "moon.md").write_text(MOON + "\n3. Suits tear.\n", encoding="utf-8")
    _, out, _ = outcome(capsys, "build")
    assert "changed: moon.en" in out
    assert "removed: fish.en" in out


def test_build_as_json(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = outcome(capsys, "build", "--json")
    report = json.loads(out)
    assert status == 0
    assert (report["changed"], report["documents"], report["failures"]) == (True, 2, [])
    again = json.loads(outcome(capsys, "build", "--json")[1])
    assert (again["changed"], again["generation"]) == (False, report["generation"])


def test_a_bad_file_is_reported_and_the_good_ones_indexed(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpus / "empty.txt").touch()
    status, out, err = outcome(capsys, "build", "--json")
    assert status == 1
    assert one_line(err)
    assert err.startswith("sextant: empty.txt: ")
    report = json.loads(out)
    assert report["documents"] == 2
    assert [failure["file"] for failure in report["failures"]] == ["empty.txt"]
    assert outcome(capsys, "search", "trout")[0] == 0


def test_build_names_what_is_not_read(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "annex").mkdir()
    (corpus / "annex" / "crabs.md").write_text(FISH, encoding="utf-8")
    status, out, err = outcome(capsys, "build", "--json")
    assert (status, one_line(err)) == (0, True)
    assert err.startswith(f"sextant: 1 file is not read in '{corpus}': annex/crabs.md. Only .txt")
    assert (json.loads(out)["documents"], json.loads(out)["skipped"]) == (2, ["annex/crabs.md"])


@pytest.mark.parametrize(
    ("flags", "command"),
    [
        ([], "sextant build"),
        (["--data", "my data"], "sextant build --data 'my data'"),
        (
            ["--encoder=m", "-k", "3", "--corpus", "docs", "--rerank", "off", "--data", "d"],
            "sextant build --corpus docs --data d --encoder m",
        ),
    ],
)
def test_the_command_to_run_has_the_flags_that_were_given(
    corpus: Path, capsys: pytest.CaptureFixture[str], flags: list[str], command: str
) -> None:
    status, _, err = outcome(capsys, "search", "dust", *flags)
    assert status == 1
    assert err.endswith(f"'. Make one with: {command}\n")


def test_what_follows_the_command_to_run_stays(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = built.parent / "data"
    (data / "CURRENT").write_text("nonsense", encoding="utf-8")
    err = outcome(capsys, "search", "dust", "--data", str(data))[2]
    assert err.endswith(f"Rebuild with: sextant build --data {data} --force\n")


def test_strict_indexes_nothing(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "empty.txt").touch()
    status, out, err = outcome(capsys, "build", "--strict", "--json")
    assert status == 1
    assert json.loads(out)["generation"] is None
    assert "Nothing was indexed" in err
    status, _, err = outcome(capsys, "search", "trout")
    assert (status, "sextant build" in err) == (1, True)


def test_no_documents(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = outcome(capsys, "build", "--corpus", str(corpus / "none"))
    assert (status, out, one_line(err)) == (1, "", True)
    assert "--corpus" in err


def test_search_as_json(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = outcome(capsys, "search", "lunar", "dust", "-k", "1", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert (found["query"], len(found["hits"])) == ("lunar dust", 1)
    assert found["hits"][0]["document_id"] == "moon.en"


def test_search_for_people(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = outcome(capsys, "search", "nets with wide meshes")
    assert (status, err) == (0, "")
    assert "1. “Note on trout”, para. 1" in out
    assert "Nets must have wide meshes." in out
    assert "\x1b" not in out


def test_search_filters(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = outcome(capsys, "search", "dust", "--document", "fish.en", "--json")
    assert {hit["document_id"] for hit in json.loads(out)["hits"]} == {"fish.en"}
    status, _, err = outcome(capsys, "search", "dust", "--language", "zh")
    assert (status, one_line(err)) == (2, True)
    assert "language" in err
    assert "Allowed: en" in err


def test_ask_as_json(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = outcome(capsys, "ask", "--json", "What wears out seals?")
    answer = json.loads(out)
    assert (status, err, answer["abstained"]) == (0, "", False)
    text = commands.Index.open(built.parent / "data", BagOfWordsEncoder()).document("moon.en").text
    for cited in answer["citations"]:
        assert text[cited["start"] : cited["end"]] == cited["quote"]
        assert answer["answer"][cited["answer_start"] : cited["answer_end"]] == cited["quote"]


def test_ask_for_people(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = outcome(capsys, "ask", "What wears out seals?")
    assert status == 0
    assert "Lunar dust wears out seals within forty hours of use. [1]" in out
    assert "[1] “Report on lunar dust”, para. 1  moon.md" in out


def test_an_answer_that_is_withheld_shows_what_is_near(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("ask", "What wears out seals?", "--threshold", "1")
    status, out, _ = outcome(capsys, *asked)
    assert status == 0
    assert "[1]" not in out
    assert "Near it: “Report on lunar dust”, para. 1" in out
    answer = json.loads(outcome(capsys, *asked, "--json")[1])
    assert answer["abstained"]
    assert [hit["rank"] for hit in answer["related"]] == [1, 2, 3][: len(answer["hits"])]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", "dust", "--threshold", "1.5"], "--threshold"),
        (["search", " "], "empty"),
        (["ask", "dust", "-k", "101"], "between 1 and 100"),
        (["ask", "dust", "--question-limit", "3"], "at most 3"),
        (["search", "dust", "--question-limit", "none"], "--question-limit"),
        (["ask", "dust", "--date-from", "2021-01-02", "--date-to", "2021-01-01"], "date"),
        (["search", "dust", "--date-from", "soon"], "date-from"),
        (["search", "dust", "--wrong"], "--wrong"),
        (["search"], "QUERY"),
        ([], "COMMAND"),
        (["dance"], "dance"),
    ],
)
def test_a_wrong_request_is_status_2_and_one_line(
    built: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    status, out, err = outcome(capsys, *arguments)
    assert (status, out, one_line(err)) == (2, "", True)
    assert said in err


def test_the_wrong_encoder_is_named(
    built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "open_encoder", lambda *_, **__: BagOfWordsEncoder(name="other"))
    status, out, err = outcome(capsys, "search", "dust")
    assert (status, out, one_line(err)) == (1, "", True)
    assert "bag-of-words" in err
    assert "other" in err


def test_inspect_prints_the_document(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = outcome(capsys, "inspect", str(built / "moon.md"), "--json")
    shown = json.loads(out)
    wanted = {"id", "work", "symbol", "date", "publisher", "text", "paragraphs", "headings"}
    assert status == 0
    assert wanted <= set(shown)
    assert (shown["title"], shown["language"]) == ("Report on lunar dust", "en")
    paragraphs = shown["paragraphs"]
    assert [p["label"] for p in paragraphs if p["label"]] == ["1", "2"]
    fields = {"label", "heading", "start", "end", "page", "part", "text", "notes"}
    for each in paragraphs:
        assert set(each) == fields
        assert shown["text"][each["start"] : each["end"]] == each["text"]
    for heading in shown["headings"]:
        assert shown["text"][heading["start"] : heading["end"]] == heading["text"]


def test_inspect_for_people(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = outcome(capsys, "inspect", str(built / "moon.md"), "--language", "fr")
    assert status == 0
    assert "Report on lunar dust" in out
    assert "Findings" in out
    assert "\nfr\n" in out


def test_inspect_uses_the_catalogue(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (built / "catalogue.toml").write_text(CATALOGUE.format(sha256="0" * 64), encoding="utf-8")
    shown = json.loads(outcome(capsys, "inspect", str(built / "moon.md"), "--json")[1])
    assert (shown["symbol"], shown["work"]) == ("A/1", "moon")


def test_a_file_that_cannot_be_read(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = outcome(capsys, "inspect", str(built / "none.txt"))
    assert (status, out, one_line(err)) == (1, "", True)
    assert "none.txt" in err


def test_version(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", {"sextant": "1.2.3"}.__getitem__)
    assert outcome(capsys, "--version") == (0, "sextant 1.2.3\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_the_commands(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = outcome(capsys, "--print-completion", shell)
    assert status == 0
    for word in ("build", "search", "ask", "serve", "eval", "inspect", "corpus", "--no-collapse"):
        assert word in out


def test_an_interruption_is_status_130(
    corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "run", interrupted)
    assert outcome(capsys, "build") == (130, "", "sextant: interrupted\n")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("a\nb"), "sextant: unexpected ZeroDivisionError: a b. Run again"),
        (PermissionError(13, "Permission denied", "/x"), "sextant: /x: Permission denied"),
    ],
)
def test_no_traceback_unless_asked_for(
    corpus: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    def broken(*_: object) -> Document:
        raise error

    monkeypatch.setattr(commands, "run", broken)
    status, out, err = outcome(capsys, "build")
    assert (status, out, one_line(err)) == (1, "", True)
    assert err.startswith(said)
    with pytest.raises(type(error)):
        main(["build", "--debug"])


def test_a_reader_that_has_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = (
        "import sys; from service.cli import main; sys.exit(main(['--print-completion', 'bash']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, check=False, text=True
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_search_and_ask_load_nothing_heavy() -> None:
    heavy = {"torch", "fastapi", "sentence_transformers", "rich", "uvicorn", "pydantic", "httpx"}
    code = "import sys, service.cli, service.commands; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert heavy & set(done.stdout.split()) == set()


def test_a_follow_up_is_completed_from_the_question_before(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = outcome(
        capsys, "ask", "And what about it?", "--after", "Who sweeps lunar dust?", "--json"
    )
    assert status == 0
    whole = json.loads(out)["rewritten_question"]
    assert "lunar dust" in whole
    shown = outcome(capsys, "ask", "And what about it?", "--after", "Who sweeps lunar dust?")
    assert shown[1].startswith(f"Asked as: {whole}")


def test_a_model_that_is_down_is_told_and_the_answer_given(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--writer", "llm", "--llm-url", "http://127.0.0.1:9/v1", "--llm-model", "m"]
    flags += ["--llm-retries", "0", "--threshold", "0", "--json"]
    status, out, err = outcome(capsys, "ask", "What wears out seals?", *flags)
    answer = json.loads(out)
    assert (status, answer["writer"]) == (0, "extractive")
    assert answer["citations"]
    assert answer["writer_reason"] == "llm_unreachable"
    assert "llm_unreachable" in err


def test_a_model_must_be_named_before_it_is_asked(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = outcome(capsys, "ask", "dust?", "--writer", "llm")
    assert (status, one_line(err)) == (2, True)
    assert "SEXTANT_LLM_URL" in err


def test_a_model_that_did_not_finish_is_told_and_what_stands_is_given(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = line("Lunar dust wears out seals.", (1, "Lunar dust wears out seals"))
    with model_server(says(said, finish="length")) as scripted:
        flags = ["--writer", "llm", "--llm-url", scripted.url, "--llm-model", "m"]
        status, out, err = outcome(
            capsys, "ask", "What wears out seals?", *flags, "--threshold", "0", "--json"
        )
    answer = json.loads(out)
    assert (status, answer["writer"], answer["writer_reason"]) == (0, "llm", "llm_truncated")
    assert answer["answer"].startswith("Lunar dust wears out seals. [1]")
    assert "did not finish this answer (llm_truncated)" in err
