"""Flags over environment over defaults; a bad value is named as its user wrote it."""

from pathlib import Path

import pytest

from corpus import BadSetting
from service.settings import Settings


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").touch()
    return root


def test_defaults_of_a_checkout(checkout: Path) -> None:
    settings = Settings.from_environment(environ={}, packages=checkout)
    assert settings == Settings(corpus=checkout / "corpus" / "documents", data=checkout / "data")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.question_limit, settings.body_limit) == (2000, 65536)


def test_a_shared_corpus_beside_a_checkout_is_used(checkout: Path) -> None:
    shared = checkout.parent / "shared" / "corpus"
    shared.mkdir(parents=True)
    assert Settings.from_environment(environ={}, packages=checkout).corpus == shared


def test_installed_elsewhere_data_is_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    (tmp_path / "shared" / "corpus").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment(environ={}, packages=packages)
    assert settings.data == tmp_path / "data"
    assert settings.corpus == packages / "corpus" / "documents"


def test_the_catalogue_that_ships_is_the_default(checkout: Path) -> None:
    shipped = checkout / "corpus" / "catalogue.toml"
    shipped.parent.mkdir()
    shipped.touch()
    assert Settings.from_environment(environ={}, packages=checkout).catalogue == shipped


def test_every_variable_is_read() -> None:
    environ = {
        "SEXTANT_CORPUS": "c",
        "SEXTANT_DATA": "~/d",
        "SEXTANT_CATALOGUE": "c.toml",
        "SEXTANT_ENCODER": "some/model",
        "SEXTANT_DEVICE": "CUDA",
        "SEXTANT_PRECISION": "bf16",
        "SEXTANT_HOST": "0.0.0.0",
        "SEXTANT_PORT": " 9000 ",
        "SEXTANT_QUESTION_LIMIT": "10",
        "SEXTANT_BODY_LIMIT": "2048",
        "SEXTANT_LOG_LEVEL": "debug",
        "SEXTANT_MCP_HOSTS": "Sextant.example.org, [::2]:80,",
    }
    assert Settings.from_environment(environ=environ) == Settings(
        corpus=Path("c"),
        data=Path.home() / "d",
        catalogue=Path("c.toml"),
        encoder="some/model",
        device="cuda",
        precision="bf16",
        host="0.0.0.0",
        port=9000,
        question_limit=10,
        body_limit=2048,
        log_level="debug",
        mcp_hosts=("sextant.example.org", "[::2]:80"),
    )


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEXTANT_PORT", "8123")
    assert Settings.from_environment().port == 8123


def test_a_flag_wins_and_an_absent_one_does_not() -> None:
    environ = {"SEXTANT_PORT": "9000", "SEXTANT_HOST": "0.0.0.0"}
    settings = Settings.from_environment({"port": "0", "host": None}, environ)
    assert (settings.port, settings.host) == (0, "0.0.0.0")


def test_an_empty_variable_counts_as_unset() -> None:
    environ = {"SEXTANT_PORT": "", "SEXTANT_ENCODER": " "}
    settings = Settings.from_environment(environ=environ)
    assert (settings.port, settings.encoder) == (8000, "default")


@pytest.mark.parametrize(
    ("flags", "environ", "said"),
    [
        ({}, {"SEXTANT_PORT": "http"}, ("SEXTANT_PORT", "'http'", "0 to 65535")),
        ({}, {"SEXTANT_PORT": "65536"}, ("SEXTANT_PORT", "0 to 65535")),
        ({"port": -1}, {}, ("--port", "'-1'", "0 to 65535")),
        ({"question_limit": "0"}, {}, ("--question-limit", "1 to 100000")),
        ({}, {"SEXTANT_BODY_LIMIT": "1"}, ("SEXTANT_BODY_LIMIT", "1024 to 67108864")),
        ({}, {"SEXTANT_DEVICE": "tpu"}, ("SEXTANT_DEVICE", "'tpu'", "auto, cpu, cuda, mps")),
        ({"precision": "fp64"}, {}, ("--precision", "'fp64'", "fp32, bf16")),
        ({"mcp_hosts": "http://a.example.org"}, {}, ("--mcp-hosts", "without http://")),
        ({}, {"SEXTANT_LOG_LEVEL": "loud"}, ("SEXTANT_LOG_LEVEL", "warning, info, debug")),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    flags: dict[str, object], environ: dict[str, str], said: tuple[str, ...]
) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.from_environment(flags, environ)
    assert all(part in str(caught.value) for part in said)


@pytest.mark.parametrize(("given", "threshold"), [("0", 0.0), ("0.35", 0.35), ("1", 1.0)])
def test_the_threshold_is_a_share(given: str, threshold: float) -> None:
    environ = {"SEXTANT_THRESHOLD": given}
    assert Settings.from_environment(environ=environ).threshold == threshold
    assert Settings.from_environment(environ={}).threshold is None


@pytest.mark.parametrize("given", ["-0.1", "1.01", "nan", "inf", "high"])
def test_a_threshold_that_is_no_share_is_refused(given: str) -> None:
    with pytest.raises(BadSetting, match="from 0 to 1") as caught:
        Settings.from_environment({"threshold": given}, environ={})
    assert "--threshold" in str(caught.value)


LLM = {
    "SEXTANT_WRITER": "LLM",
    "SEXTANT_LLM_URL": "http://127.0.0.1:11434/v1",
    "SEXTANT_LLM_MODEL": "some/model:8b",
    "SEXTANT_LLM_KEY": "sk-secret",
    "SEXTANT_LLM_TIMEOUT": "12",
    "SEXTANT_LLM_RETRIES": "0",
    "SEXTANT_LLM_UNSUPPORTED": "mark",
}


def test_a_language_model_is_a_setting() -> None:
    settings = Settings.from_environment(environ=LLM)
    assert (settings.writer, settings.llm_url) == ("llm", "http://127.0.0.1:11434/v1")
    assert (settings.llm_model, settings.llm_key) == ("some/model:8b", "sk-secret")
    assert (settings.llm_timeout, settings.llm_retries) == (12, 0)
    assert settings.llm_unsupported == "mark"
    assert "secret" not in repr(settings)
    off = Settings.from_environment({"writer": "extractive"}, environ=LLM)
    assert off.writer == "extractive"
    assert Settings.from_environment(environ={}).writer == "extractive"


@pytest.mark.parametrize("name", ["SEXTANT_LLM_URL", "SEXTANT_LLM_MODEL"])
def test_a_model_must_be_named_where_one_writes(name: str) -> None:
    with pytest.raises(BadSetting, match=f"{name}: is not set") as caught:
        Settings.from_environment(environ=LLM | {name: " "})
    assert name.removeprefix("SEXTANT_").lower().replace("_", "-") in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:11434/v1",
        "ftp://host/v1",
        "http://",
        "http://user:pass@host/v1",
        "http://host/v1?key=1",
        "http://host/a b",
    ],
)
def test_the_address_of_a_model_is_an_http_address(url: str) -> None:
    with pytest.raises(BadSetting, match="SEXTANT_LLM_URL"):
        Settings.from_environment(environ=LLM | {"SEXTANT_LLM_URL": url})
    with pytest.raises(BadSetting, match="--llm-url"):
        Settings.from_environment({"llm_url": url}, environ={})


def test_origins_are_read_one_by_one() -> None:
    given = {"SEXTANT_WIDGET_ORIGINS": " https://a.example/, http://b.example:8080 ,"}
    assert Settings.from_environment({}, given).widget_origins == (
        "https://a.example",
        "http://b.example:8080",
    )
    assert Settings.from_environment({}, {}).widget_origins == ()


@pytest.mark.parametrize("origin", ["*", "a.example", "https://a.example/path", "ftp://a.example"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(BadSetting, match="--widget-origins"):
        Settings.from_environment({"widget_origins": origin}, {})
