"""``sextant eval``: its flags, what it writes, its exit status; over HTTP as in process."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import httpx
import ir_measures
import pytest
from support.documents import Builder, small_corpus
from support.fake_encoder import BagOfTokensEncoder
from support.graded import ALPHA, DELTA, NOTHING, asked, system, write_gold
from support.server import serving

from corpus import Document, FetchFailed
from eval import System, main, open_server
from index import ChunkSettings, Index, RerankSettings, build_index
from service.app import create_app
from service.cli import main as sextant
from service.cli_eval import graded
from service.live import LiveIndex
from service.settings import Settings

GOOD = asked("p1", "p2", quotes=[(0, 11, "1")], answer="alpha bravo")
ANSWERS = {"alpha?": GOOD, "甲": GOOD, "nothing?": asked("p2")}


Opened = AbstractContextManager[System]


def opened(url: str | None, legs: bool) -> Opened:
    return nullcontext(system(ANSWERS))


def no_documents(documents: Sequence[Document], legs: bool) -> Opened:
    raise AssertionError("nothing is to be indexed")


def test_the_files_agree_with_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = write_gold(tmp_path / "set.jsonl", ALPHA, NOTHING)
    run, qrels, report = (tmp_path / name for name in ("run", "qrels", "report.json"))
    flags = ["--run", str(run), "--qrels", str(qrels), "--json", str(report)]
    assert main([str(gold), *flags], open_system=opened, open_documents=no_documents) == 0
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert qrels.read_text(encoding="utf-8") == "a.zh 0 p1 1\na.en 0 p1 1\n"
    measured = ir_measures.calc_aggregate(
        [ir_measures.parse_measure("nDCG@10"), ir_measures.parse_measure("Success@1")],
        ir_measures.read_trec_qrels(str(qrels)),
        ir_measures.read_trec_run(str(run)),
    )
    assert set(measured.values()) == {1.0}
    assert figures["overall"]["ndcg@10"] == figures["overall"]["success@1"] == 1
    shown = capsys.readouterr()
    assert "1.000" in shown.out
    assert "0 of 3 questions had an error" in shown.out
    assert shown.err == ""


def test_the_same_input_gives_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = str(write_gold(tmp_path / "set.jsonl", ALPHA, NOTHING))
    said = []
    for _ in range(2):
        assert main([gold, "--json", "-"], open_system=opened, open_documents=no_documents) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert json.loads(said[0])["sets"][0]["questions"] == 2


def test_an_error_is_shown_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = write_gold(tmp_path / "set.jsonl", ALPHA, DELTA)
    assert main([str(gold)], open_system=opened, open_documents=no_documents) == 1
    out = capsys.readouterr().out
    assert "1 of 3 questions had an error" in out
    assert "d en: BadRange" in out


def test_a_bad_line_is_one_line_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = write_gold(tmp_path / "set.jsonl", {**ALPHA, "kind": "riddle"})
    assert sextant(["eval", str(gold), "--data", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert "line 1: 'kind' is 'riddle'" in shown.err
    assert (shown.out, shown.err.count("\n")) == ("", 1)


def long_document(words: int = 130) -> Builder:
    """More passages, and more notes, than neighbours can be asked for at once."""
    builder = Builder("long.en")
    for n in range(1, words + 1):
        text = f"{n}. Operators of station{n} report their manoeuvres to bureau{n}. " * 4
        builder.paragraph(text, str(n), notes={str(n): f"Letter{n} to bureau{n}."})
    return builder


GOLD = [
    {
        **ALPHA,
        "id": "s",
        "doc": "long.en.txt",
        "question": {"en": "Where does station77 report?"},
        "evidence": [{"from": "Operators", "to": "bureau77", "paragraph": "77"}],
        "paragraph": "77",
    },
    {
        **ALPHA,
        "id": "l",
        "doc": "long.en",
        "question": {"en": "letter129", "fr": "letter129"},
        "evidence": ["Letter129 to bureau129."],
    },
    {
        **ALPHA,
        "id": "o",
        "doc": "orbits",
        "question": {"fr": "brouillage des signaux"},
        "evidence": ["Le brouillage des signaux"],
    },
    NOTHING,
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    documents = (*small_corpus(), long_document().build())
    # Small passages, so that the long document has more than a server lists at a time.
    build_index(documents, BagOfTokensEncoder(), data, chunk=ChunkSettings(min_other=100))
    return data


@pytest.fixture(scope="module")
def settings(data: Path) -> Settings:
    return Settings(corpus=data, data=data)


@pytest.fixture(scope="module")
def client(data: Path, settings: Settings) -> Iterator[httpx.Client]:
    with serving(create_app(LiveIndex(data, BagOfTokensEncoder()), settings)) as client:
        yield client


def test_a_server_is_read_whole(client: httpx.Client, data: Path, settings: Settings) -> None:
    inside = graded(Index.open(data, BagOfTokensEncoder()), settings)
    with open_server(str(client.base_url)) as outside:
        pass
    assert outside.sources == inside.sources
    assert max(len(source.passages) for source in inside.sources) > 200
    assert outside.fingerprints["corpus"] == inside.fingerprints["corpus"]
    assert outside.fingerprints["index"] == inside.fingerprints["index"]


def test_a_server_is_graded_as_the_pipeline_in_process(
    client: httpx.Client, data: Path, settings: Settings, tmp_path: Path
) -> None:
    gold = write_gold(tmp_path / "set.jsonl", *GOLD)

    def open_system(url: str | None, legs: bool) -> Opened:
        if url:
            return open_server(url)
        return nullcontext(graded(Index.open(data, BagOfTokensEncoder()), settings, legs=legs))

    reports = []
    for name, flags in (("in", ["--legs"]), ("out", ["--url", str(client.base_url)])):
        path = tmp_path / f"{name}.json"
        assert (
            main(
                [str(gold), "--json", str(path), *flags],
                open_system=open_system,
                open_documents=no_documents,
            )
            == 0
        )
        reports.append(json.loads(path.read_text(encoding="utf-8")))
    inside, outside = reports
    assert inside["overall"]["success@5"] > 0
    assert inside["any_version"]["fr"]["n"] == 2
    assert list(inside["by_leg"]) == ["dense", "lexical", "fused", "reranked"]
    assert inside["abstention"].pop("threshold") is not None
    assert outside["abstention"].pop("threshold") is None  # a server does not tell it
    for field in (
        "by_language",
        "overall",
        "gap",
        "by_pair",
        "any_version",
        "abstention",
        "questions",
    ):
        assert inside[field] == outside[field], field
    assert outside["by_leg"] == {"reranked": inside["by_leg"]["reranked"]}  # what each ends with


def test_what_nothing_reorders_is_called_fused(data: Path, settings: Settings) -> None:
    encoder = BagOfTokensEncoder()
    opener = partial(Index.open, rerank=RerankSettings(depth=0))
    inside = graded(opener(data, encoder), settings, legs=True)
    assert (inside.final, inside.legs) == ("fused", ("dense", "lexical", "fused"))
    live = LiveIndex(data, encoder, opener=opener)
    with serving(create_app(live, settings)) as client, open_server(str(client.base_url)) as system:
        assert system.final == "fused"


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (503, '{"detail": "No index."}', r"status 503\. No index\."),
        (502, "[]", "status 502"),
        (200, "<html>", "no answer that can be read"),
        (200, "[]", "not what this program serves"),
        (200, "{}", "not what this program serves"),
    ],
)
def test_what_is_not_our_server_is_said(status: int, body: str, why: str) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, text=body))
    with (
        pytest.raises(FetchFailed, match=why),
        open_server("http://127.0.0.1", transport=transport),
    ):
        pass


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address", "http://[half"])
def test_a_server_that_is_not_there_is_said(url: str, tmp_path: Path) -> None:
    gold = write_gold(tmp_path / "set.jsonl", ALPHA)
    with pytest.raises(FetchFailed, match="no answer"):
        main(
            [str(gold), "--url", url],
            open_system=lambda url, legs: open_server(url or ""),
            open_documents=no_documents,
        )


def test_the_command_opens_the_index_or_the_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = str(write_gold(tmp_path / "set.jsonl", ALPHA))
    assert sextant(["eval", gold, "--data", str(tmp_path)]) == 1
    assert "sextant build" in capsys.readouterr().err
    assert sextant(["eval", gold, "--url", "http://127.0.0.1:1"]) == 1
    assert "http://127.0.0.1:1/api/documents: no answer" in capsys.readouterr().err


def test_progress_is_drawn_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = write_gold(tmp_path / "set.jsonl", ALPHA, NOTHING)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main([str(gold), "--json", "-"], open_system=opened, open_documents=no_documents) == 0
    shown = capsys.readouterr()
    assert "questions" in shown.err
    assert json.loads(shown.out)["errors"] == []


def test_figures_that_do_not_exist_are_a_dash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = {**ALPHA, "answer": None, "paragraph": None, "question": {"en": "not known"}}
    gold = write_gold(tmp_path / "set.jsonl", line, {**line, "id": "b"})
    assert main([str(gold)], open_system=opened, open_documents=no_documents) == 1
    shown = capsys.readouterr().out
    assert "–" in shown
    assert "no question was answered" in shown
    assert "latency" not in shown


@pytest.mark.parametrize("installed", [True, False])
def test_the_report_says_which_version_it_is_of(
    installed: bool, data: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        if installed:
            return "1.2.3"
        raise PackageNotFoundError(name)

    monkeypatch.setattr("service.cli_eval.version", version)
    system = graded(Index.open(data, BagOfTokensEncoder()), settings)
    assert system.fingerprints["version"] == ("1.2.3" if installed else None)
    assert system.fingerprints["encoder"] == BagOfTokensEncoder().fingerprint
