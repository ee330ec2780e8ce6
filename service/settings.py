"""Settings, read once at the edge: flags win over the environment, the environment over defaults.

This is the only module that reads the environment; everything below it takes plain arguments.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corpus import BadSetting

_PACKAGES = Path(__file__).resolve().parent.parent  # a checkout's root, or site-packages

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("fp32", "bf16")
WRITERS = ("extractive", "llm")
UNSUPPORTED = ("remove", "mark")
RERANKS = (LATE, OFF) = ("late", "off")  # the words; anything else names a model
_ORIGIN = re.compile(r"https?://[\w.-]+(?::\d+)?|https?://\[[0-9a-fA-F:]+\](?::\d+)?")
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")  # no user and password in it
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:]+\])(?::\d+)?")
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run needs to know.

    ``catalogue`` is None when nothing is known of the files but what they say themselves;
    ``question_limit`` is in characters, ``body_limit`` in bytes; an answer less sure than
    ``threshold``, in [0, 1], is withheld. With the writer 'llm' a model at ``llm_url`` words the
    answers, in ``llm_timeout`` seconds at most; a sentence of it that no passage supports is
    ``llm_unsupported``. The key has no flag: flags are seen by everybody on a machine.
    """

    corpus: Path
    data: Path
    catalogue: Path | None = None
    encoder: str = "default"
    device: str = "auto"
    precision: str = "fp32"
    rerank: str = LATE  # or OFF, or the folder or hub id of a CrossEncoder
    host: str = "127.0.0.1"
    port: int = 8000  # 0: any free port
    question_limit: int = 2_000
    body_limit: int = 65_536
    log_level: str = "info"
    threshold: float | None = None  # None: the shipped one
    widget_origins: tuple[str, ...] = ()  # of pages that may ask from a reader's browser
    mcp_hosts: tuple[str, ...] = ()  # names of this server, besides those of the loopback
    writer: str = "extractive"
    llm_url: str | None = None
    llm_model: str | None = None
    llm_key: str | None = field(default=None, repr=False)
    llm_timeout: int = 30
    llm_retries: int = 2
    llm_unsupported: str = "remove"

    @classmethod
    def from_environment(
        cls,
        overrides: Mapping[str, object] | None = None,
        environ: Mapping[str, str] | None = None,
        *,
        packages: Path = _PACKAGES,
    ) -> "Settings":
        """Settings from flags (``overrides``: field name to value, None where not given), then
        the environment, then defaults. ``packages`` is the folder that holds our packages.

        Raises ``BadSetting`` with the name of the flag or variable and what it allows.
        """
        env = os.environ if environ is None else environ
        read = _Reader(overrides or {}, env)
        return cls(
            corpus=read.path("corpus") or _default_corpus(packages),
            data=read.path("data") or _default_data(packages),
            catalogue=read.path("catalogue") or _default_catalogue(packages),
            encoder=read.text("encoder", "default"),
            device=read.choice("device", "auto", DEVICES),
            precision=read.choice("precision", "fp32", PRECISIONS),
            rerank=read.word_or_name("rerank", LATE, RERANKS),
            host=read.text("host", "127.0.0.1"),
            port=read.number("port", 8000, 0, 65_535),
            question_limit=read.number("question_limit", 2_000, 1, 100_000),
            body_limit=read.number("body_limit", 65_536, 1_024, 64 * 1024 * 1024),
            log_level=read.choice("log_level", "info", LOG_LEVELS),
            threshold=read.share("threshold"),
            widget_origins=read.origins("widget_origins"),
            mcp_hosts=read.hosts("mcp_hosts"),
            writer=(writer := read.choice("writer", "extractive", WRITERS)),
            llm_url=read.address("llm_url", needed=writer == "llm"),
            llm_model=read.name("llm_model", needed=writer == "llm"),
            llm_key=read.text("llm_key", "") or None,
            llm_timeout=read.number("llm_timeout", 30, 1, 600),
            llm_retries=read.number("llm_retries", 2, 0, 10),
            llm_unsupported=read.choice("llm_unsupported", "remove", UNSUPPORTED),
        )


class _Reader:
    """Looks a field up among the flags, then in the environment; empty text counts as unset."""

    def __init__(self, flags: Mapping[str, object], environ: Mapping[str, str]) -> None:
        self._flags, self._environ = flags, environ

    def _find(self, field: str) -> tuple[str, str] | None:
        """(the name its user gave it, value), or None when nobody set it."""
        if (flag := self._flags.get(field)) is not None:
            return f"--{field.replace('_', '-')}", str(flag)
        variable = f"SEXTANT_{field.upper()}"
        value = self._environ.get(variable, "").strip()
        return (variable, value) if value else None

    def path(self, field: str) -> Path | None:
        found = self._find(field)
        return Path(found[1]).expanduser() if found else None

    def text(self, field: str, default: str) -> str:
        found = self._find(field)
        return found[1] if found else default

    def word_or_name(self, field: str, default: str, words: tuple[str, ...]) -> str:
        """One of ``words``, however it is capitalised, or any other text as it stands."""
        value = self.text(field, default)
        return value.lower() if value.lower() in words else value

    def name(self, field: str, *, needed: bool) -> str | None:
        """Raises ``BadSetting`` when it is ``needed`` and nobody set it."""
        found = self._find(field)
        if found is None and needed:
            why = f"is not set, and the writer is 'llm'. Set it, or --{field.replace('_', '-')}."
            raise BadSetting(f"SEXTANT_{field.upper()}", why)
        return found[1] if found else None

    def address(self, field: str, *, needed: bool) -> str | None:
        """As ``name``, of an HTTP address."""
        value = self.name(field, needed=needed)
        if value is not None and not _ADDRESS.fullmatch(value):
            named, given = self._find(field) or (field, value)
            why = f"is '{given}'; it must be an address such as http://127.0.0.1:11434/v1."
            raise BadSetting(named, why)
        return value

    def choice(self, field: str, default: str, allowed: tuple[str, ...]) -> str:
        found = self._find(field)
        if found is None:
            return default
        name, value = found
        if value.lower() not in allowed:
            raise BadSetting(name, f"is '{value}'; it must be one of {', '.join(allowed)}.")
        return value.lower()

    def hosts(self, field: str) -> tuple[str, ...]:
        """Host names, each with its port where it has one, separated by commas."""
        found = self._find(field)
        if found is None:
            return ()
        name, value = found
        hosts = tuple(part.strip().lower() for part in value.split(",") if part.strip())
        for host in hosts:
            if not _HOST.fullmatch(host):
                why = f"has '{host}'; write hosts as they stand in an address, without http://."
                raise BadSetting(name, why)
        return hosts

    def share(self, field: str) -> float | None:
        """A number in [0, 1]; None when nobody set it."""
        found = self._find(field)
        if found is None:
            return None
        name, value = found
        try:
            share = float(value)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:  # also when it is not a number
            raise BadSetting(name, f"is '{value}'; it must be a number from 0 to 1.")
        return share

    def origins(self, field: str) -> tuple[str, ...]:
        """Origins with commas between, such as ``https://www.example.org``; none by default."""
        found = self._find(field)
        if found is None:
            return ()
        name, value = found
        listed = tuple(each.strip().rstrip("/") for each in value.split(",") if each.strip())
        for origin in listed:
            if not _ORIGIN.fullmatch(origin):
                why = f"has '{origin}'; an origin is written https://host or https://host:port."
                raise BadSetting(name, why)
        return listed

    def number(self, field: str, default: int, low: int, high: int) -> int:
        found = self._find(field)
        if found is None:
            return default
        name, value = found
        wrong = BadSetting(name, f"is '{value}'; it must be a whole number from {low} to {high}.")
        try:
            number = int(value)
        except ValueError:
            raise wrong from None
        if not low <= number <= high:
            raise wrong
        return number


def _default_corpus(packages: Path) -> Path:
    """The shared corpus beside a checkout when there is one, else the documents we ship."""
    shared = packages.parent / "shared" / "corpus"
    if _is_checkout(packages) and shared.is_dir():
        return shared
    return packages / "corpus" / "documents"


def _default_catalogue(packages: Path) -> Path | None:
    shipped = packages / "corpus" / "catalogue.toml"
    return shipped if shipped.is_file() else None


def _default_data(packages: Path) -> Path:
    return (packages if _is_checkout(packages) else Path.cwd()) / "data"


def _is_checkout(packages: Path) -> bool:
    return (packages / "pyproject.toml").is_file()
