"""``sextant serve`` up to the point where uvicorn takes over."""

import socket
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from support.documents import Builder
from support.fake_encoder import BagOfWordsEncoder

from corpus import BadSetting
from service import commands, serve
from service.settings import Settings
from service.wording import example_question

TEXT = "Report on kelp\n\n1. Kelp grows by half a metre a day in clear water.\n"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "kelp.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(commands, "open_encoder", lambda name, **_: BagOfWordsEncoder())
    return Settings(corpus=corpus, data=tmp_path / "data", port=0)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ports that were served, each while a client could connect."""
    ports: list[int] = []

    def run(server: uvicorn.Server, sockets: Any) -> None:
        ports.append(sockets[0].getsockname()[1])
        socket.create_connection(sockets[0].getsockname()).close()

    monkeypatch.setattr(uvicorn.Server, "run", run)
    return ports


def test_the_first_run_builds(
    settings: Settings, served: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve.run(settings) == 0
    captured = capsys.readouterr()
    assert "No index" in captured.err
    assert f"Sextant is at http://127.0.0.1:{served[0]}\n" in captured.out
    assert "Try: " in captured.out


def test_the_second_run_repeats_no_work(
    settings: Settings, served: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve.run(settings)
    monkeypatch.setattr(commands, "read_corpus", never)
    assert serve.run(settings) == 0
    assert len(served) == 2


def test_a_changed_corpus_is_built(
    settings: Settings, served: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    serve.run(settings)
    (settings.corpus / "moss.txt").write_text("Note on moss\n\n1. Moss is soft.\n", "utf-8")
    (settings.corpus / "empty.txt").touch()
    capsys.readouterr()
    assert serve.run(settings) == 0
    captured = capsys.readouterr()
    assert "added: moss.en" in captured.out
    assert "empty.txt: " in captured.err


def never(*_: object, **__: object) -> None:
    raise AssertionError("read again")


def test_a_bad_file_is_read_once_and_named_each_time(
    settings: Settings,
    served: list[int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad = settings.corpus / "bad.pdf"
    bad.write_text("no PDF", encoding="utf-8")
    serve.run(settings)
    (said,) = (line for line in capsys.readouterr().err.splitlines() if "bad.pdf" in line)
    with monkeypatch.context() as patch:
        patch.setattr(commands, "read_corpus", never)
        assert serve.run(settings) == 0
        assert capsys.readouterr().err == f"{said}\n"
        bad.write_text("still none", encoding="utf-8")
        with pytest.raises(AssertionError, match="read again"):
            serve.run(settings)
    serve.run(settings)
    bad.unlink()
    capsys.readouterr()
    serve.run(settings)
    monkeypatch.setattr(commands, "read_corpus", never)
    assert serve.run(settings) == 0
    assert "bad.pdf" not in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[1]", '{"bad.pdf": {"why": 1}}', '{"bad.pdf": 1}'])
def test_a_damaged_memory_of_bad_files_is_made_anew(
    content: str, settings: Settings, served: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.corpus / "bad.pdf").write_text("no PDF", encoding="utf-8")
    serve.run(settings)
    kept = settings.data / "unreadable.json"
    before = kept.read_text(encoding="utf-8")
    kept.write_text(content, encoding="utf-8")
    capsys.readouterr()
    assert serve.run(settings) == 0
    assert "bad.pdf: " in capsys.readouterr().err
    assert kept.read_text(encoding="utf-8") == before


def test_a_file_that_cannot_be_opened_is_remembered_as_such(
    settings: Settings, served: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = settings.corpus / "locked.txt"
    locked.write_text("Locked.", encoding="utf-8")
    opened = Path.open

    def refused(path: Path, *how: Any, **more: Any) -> Any:
        if path == locked:
            raise PermissionError(13, "Permission denied")
        return opened(path, *how, **more)

    monkeypatch.setattr(Path, "open", refused)
    serve.run(settings)
    monkeypatch.setattr(commands, "read_corpus", never)
    assert serve.run(settings) == 0


def test_what_is_not_read_is_named_once(
    settings: Settings, served: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.corpus / "annex").mkdir()
    (settings.corpus / "annex" / "moss.txt").write_text("Moss is soft.", encoding="utf-8")
    for _ in range(2):  # the index is built, then found to be current
        serve.run(settings)
        assert capsys.readouterr().err.count("annex/moss.txt") == 1


def test_another_encoder_is_built_for(
    settings: Settings,
    served: list[int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serve.run(settings)
    monkeypatch.setattr(commands, "open_encoder", lambda *_, **__: BagOfWordsEncoder(name="other"))
    assert serve.run(settings) == 0
    assert "Building it again" in capsys.readouterr().err


def test_an_index_outlives_its_corpus(settings: Settings, served: list[int]) -> None:
    serve.run(settings)
    (settings.corpus / "kelp.txt").unlink()
    settings.corpus.rmdir()
    assert serve.run(settings) == 0


def test_build_first_always_reads(
    settings: Settings, served: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve.run(settings)
    read: list[Path] = []
    real = commands.read_corpus

    def counted(folder: Path, **how: Any) -> Any:
        read.append(folder)
        return real(folder, **how)

    monkeypatch.setattr(commands, "read_corpus", counted)
    serve.run(settings, build_first=True)
    assert read == [settings.corpus]


def test_an_address_in_use_is_named(settings: Settings, served: list[int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadSetting, match=f"127.0.0.1:{port}"):
            serve.run(Settings(corpus=settings.corpus, data=settings.data, port=port))
    assert served == []


@pytest.mark.parametrize("host", ["203.0.113.7", "x" * 64])  # of nobody; longer than a label
def test_an_address_of_another_machine_is_named(settings: Settings, host: str) -> None:
    with pytest.raises(BadSetting, match=host):
        serve.run(Settings(settings.corpus, settings.data, host=host, port=0))


@pytest.mark.parametrize(
    ("headings", "question"),
    [
        (("IV. Kelp in cold water", "V. End"), "What is said about “Kelp in cold water”?"),
        (("I. End", "x" * 61), "What is said about “Report kelp”?"),
        ((), "What is said about “Report kelp”?"),
    ],
)
def test_the_example_is_about_a_heading_or_the_title(
    headings: tuple[str, ...], question: str
) -> None:
    builder = Builder("kelp").paragraph("Kelp grows.")
    for heading in headings:
        builder.heading(heading)
    assert example_question([builder.build()]) == question
    assert example_question([]) is None
