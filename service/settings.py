"""Settings, read once at the edge: flags win over the environment, the environment over defaults.

This is the only module that reads the environment; everything below it takes plain arguments.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus import BadSetting

_PACKAGES = Path(__file__).resolve().parent.parent  # a checkout's root, or site-packages

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("fp32", "bf16")
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run needs to know.

    ``catalogue`` is None when nothing is known of the files but what they say themselves;
    ``question_limit`` is in characters, ``body_limit`` in bytes.
    """

    corpus: Path
    data: Path
    catalogue: Path | None = None
    encoder: str = "default"
    device: str = "auto"
    precision: str = "fp32"
    host: str = "127.0.0.1"
    port: int = 8000  # 0: any free port
    question_limit: int = 2_000
    body_limit: int = 65_536
    log_level: str = "info"

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
            host=read.text("host", "127.0.0.1"),
            port=read.number("port", 8000, 0, 65_535),
            question_limit=read.number("question_limit", 2_000, 1, 100_000),
            body_limit=read.number("body_limit", 65_536, 1_024, 64 * 1024 * 1024),
            log_level=read.choice("log_level", "info", LOG_LEVELS),
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

    def choice(self, field: str, default: str, allowed: tuple[str, ...]) -> str:
        found = self._find(field)
        if found is None:
            return default
        name, value = found
        if value.lower() not in allowed:
            raise BadSetting(name, f"is '{value}'; it must be one of {', '.join(allowed)}.")
        return value.lower()

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
