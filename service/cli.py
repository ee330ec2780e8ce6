"""The command line: ``sextant build|search|ask|serve|mcp|eval|inspect|corpus|feedback``.

Results go to stdout, progress and errors to stderr. Exit status: 0 done; 1 the work failed (bad
documents, no index); 2 the request is wrong; 130 interrupted. Every import that costs time stands
inside the command that needs it, so that ``search`` and ``ask`` start at once.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from corpus import LANGUAGES, BadSetting, InputError, SextantError
from service.settings import DEVICES, LOG_LEVELS, PRECISIONS, UNSUPPORTED, WRITERS, Settings

OK, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
_HINT = ": sextant build"  # how a message ends that says what to run
_OF_BUILD = ("corpus", "data", "catalogue", "encoder", "device", "precision")  # that it depends on
_FILES = {"bash": "_shtab_compgen_files", "zsh": "_files"}  # what shtab calls FILE
_FOLDERS = {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"}  # and DIRECTORY


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status; raises nothing unless ``--debug`` is given."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    try:
        status = _status_of(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if debug:
            raise
        message, status = _explain(error)
        return _complain(_repeating(arguments, message), status)


def _status_of(arguments: list[str]) -> int:
    """As ``_run``, with the exits of argparse and uvicorn, who have said why, as a status."""
    try:
        return _run(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED if stop.code else OK


def _run(arguments: list[str]) -> int:
    parser = _parser()
    args, rest = parser.parse_known_args(arguments)
    if rest and args.command != "eval":
        parser.error(f"unknown argument '{rest[0]}'")
    settings = Settings.from_environment(
        {field.name: getattr(args, field.name, None) for field in fields(Settings)}
    )
    match args.command:
        case "eval":
            from service import cli_eval

            return cli_eval.run(rest, settings)
        case "corpus":
            from service import cli_corpus

            return cli_corpus.run(args, settings)
        case "feedback":
            from service import cli_feedback

            return cli_feedback.run(args, settings)
        case "mcp":
            from service import mcp

            return mcp.run(settings)
        case "serve":
            from service import serve

            return serve.run(settings, build_first=args.build)
        case _:
            from service import commands

            return commands.run(args, settings)


def _explain(error: Exception) -> tuple[str, int]:
    if isinstance(error, InputError | BadSetting):
        return str(error), MISUSED
    if isinstance(error, SextantError):
        return str(error), FAILED
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}", FAILED
    kind = type(error).__name__
    return f"unexpected {kind}: {error}. Run again with --debug to see where.", FAILED


def _repeating(arguments: list[str], message: str) -> str:
    """The message; the command it says to run has the settings that were given as flags."""
    before, hint, after = message.rpartition(_HINT)
    if not hint:
        return message
    given = vars(_settings_flags().parse_known_args(arguments)[0])
    flags = [f"--{name} {shlex.quote(given[name])}" for name in _OF_BUILD if given[name]]
    return before + " ".join([hint, *flags]) + after


def _complain(message: str, status: int) -> int:
    print(f"sextant: {' '.join(message.split())}", file=sys.stderr)
    return status


class _Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **kwargs})

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSED, f"{self.prog}: {message}; '{self.prog} --help' shows how\n")


class _PrintCompletion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *given: Any) -> NoReturn:
        import shtab

        print(shtab.complete(parser, shell=given[1]))
        parser.exit()


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **kwargs: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser: argparse.ArgumentParser, *given: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"sextant {version('sextant')}")
        parser.exit()


def _parser() -> _Parser:
    parser = _Parser(
        prog="sextant",
        description="Answers from official documents, cited to the exact paragraph.",
        epilog="Exit status: 0 done, 1 the work failed, 2 the request is wrong.",
    )
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    parser.add_argument(
        "--print-completion",
        choices=("bash", "zsh"),
        action=_PrintCompletion,
        help="print a shell completion script and exit",
    )
    debug = _Parser(add_help=False)
    debug.add_argument("--debug", action="store_true", help="show where an error comes from")
    shared = [debug, _settings_flags()]
    json = _Parser(add_help=False)
    json.add_argument("--json", action="store_true", help="print JSON")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_build(commands, [*shared, json])
    _add_questions(commands, [*shared, json])
    _add_serve(commands, shared)
    _add_mcp(commands, shared)
    commands.add_parser(
        "eval",
        parents=shared,
        add_help=False,
        help="grade the answers against gold questions",
    )
    _add_inspect(commands, [*shared, json])
    _add_corpus(commands, [*shared, json])
    _add_feedback(commands, shared)
    return parser


def _settings_flags() -> _Parser:
    parser = _Parser(add_help=False)
    flags = parser.add_argument_group("settings, over those of SEXTANT_CORPUS, SEXTANT_DATA, …")
    for name, help_text in (("corpus", "folder of documents"), ("data", "folder of the index")):
        _completes(flags.add_argument(f"--{name}", metavar="FOLDER", help=help_text), _FOLDERS)
    catalogue = flags.add_argument("--catalogue", metavar="FILE", help="what is known of the files")
    _completes(catalogue, _FILES)
    flags.add_argument("--encoder", metavar="NAME", help="'default', a folder or a hub id")
    flags.add_argument("--device", metavar="DEVICE", help=", ".join(DEVICES))
    flags.add_argument("--precision", metavar="PRECISION", help=", ".join(PRECISIONS))
    flags.add_argument("--rerank", metavar="NAME", help="late, off, a folder or a hub id")
    flags.add_argument("--threshold", metavar="SHARE", help="withhold answers less sure (0 to 1)")
    flags.add_argument("--writer", metavar="NAME", help=", ".join(WRITERS))
    flags.add_argument("--llm-url", metavar="URL", help="OpenAI-compatible address, up to /v1")
    flags.add_argument("--llm-model", metavar="NAME", help="as the endpoint names it")
    flags.add_argument("--llm-timeout", metavar="SECONDS", help="for a whole reply (30)")
    flags.add_argument("--llm-retries", metavar="TRIES", help="after the first (2)")
    flags.add_argument("--llm-unsupported", metavar="WHAT", help=", ".join(UNSUPPORTED))
    return parser


def _add_build(commands: Any, parents: list[_Parser]) -> None:
    build = commands.add_parser(
        "build", parents=parents, help="build or bring up to date the index"
    )
    build.add_argument(
        "--strict", action="store_true", help="index nothing if a file is unreadable"
    )
    build.add_argument("--force", action="store_true", help="build even when nothing has changed")


def _add_questions(commands: Any, parents: list[_Parser]) -> None:
    for name, word, help_text in (
        ("search", "QUERY", "find passages"),
        ("ask", "QUESTION", "answer a question, with citations"),
    ):
        command = commands.add_parser(name, parents=parents, help=help_text)
        command.add_argument("question", metavar=word, nargs="+", help="words in any UN language")
        if name == "ask":
            after = "an earlier question, where this one leans on it; repeat it, oldest first"
            command.add_argument(
                "--after", action="append", default=[], metavar="QUESTION", help=after
            )
        command.add_argument("-k", type=int, default=10, help="passages to find, 1 to 100 (10)")
        command.add_argument("--question-limit", metavar="CHARACTERS")
        command.add_argument(
            "--no-collapse", action="store_true", help="show every language version of a paragraph"
        )
        only = command.add_argument_group("filters (repeat one to allow several values)")
        only.add_argument("--document", action="append", default=[], metavar="ID")
        only.add_argument("--work", action="append", default=[], metavar="ID")
        only.add_argument("--language", action="append", default=[], metavar="CODE")
        only.add_argument("--publisher", action="append", default=[], metavar="NAME")
        only.add_argument("--date-from", type=date.fromisoformat, metavar="YYYY-MM-DD")
        only.add_argument("--date-to", type=date.fromisoformat, metavar="YYYY-MM-DD")
        only.add_argument("--symbol-prefix", metavar="PREFIX", help="such as A/AC.105/")


def _add_serve(commands: Any, parents: list[_Parser]) -> None:
    serve = commands.add_parser("serve", parents=parents, help="serve the HTTP API and the page")
    serve.add_argument("--host", metavar="ADDRESS", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", metavar="PORT", help="0 for any free one (8000)")
    serve.add_argument("--build", action="store_true", help="bring the index up to date first")
    serve.add_argument("--question-limit", metavar="CHARACTERS")
    serve.add_argument("--body-limit", metavar="BYTES")
    serve.add_argument(
        "--widget-origins", metavar="ORIGINS", help="pages that may use the widget, by commas"
    )
    serve.add_argument("--mcp-hosts", metavar="HOSTS", help="names of this server, for /mcp")
    serve.add_argument("--log-level", metavar="LEVEL", help=", ".join(LOG_LEVELS))


def _add_mcp(commands: Any, parents: list[_Parser]) -> None:
    mcp = commands.add_parser("mcp", parents=parents, help="serve an assistant by MCP on stdio")
    mcp.add_argument("--question-limit", metavar="CHARACTERS")


def _add_inspect(commands: Any, parents: list[_Parser]) -> None:
    inspect = commands.add_parser("inspect", parents=parents, help="show how a file is read")
    _completes(inspect.add_argument("file", metavar="FILE", type=Path), _FILES)
    inspect.add_argument("--language", choices=LANGUAGES, help="instead of the one detected")


def _add_corpus(commands: Any, parents: list[_Parser]) -> None:
    corpus = commands.add_parser("corpus", help="check, fetch or list the documents")
    verbs = corpus.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("verify", parents=parents, help="compare the files with the catalogue")
    verbs.add_parser("list", parents=parents, help="list the documents as they are read")
    fetch = verbs.add_parser("fetch", parents=parents, help="download what the catalogue names")
    fetch.add_argument("--allow-private", action="store_true", help="also from private addresses")


def _add_feedback(commands: Any, parents: list[_Parser]) -> None:
    feedback = commands.add_parser("feedback", help="what readers thought of answers")
    verbs = feedback.add_subparsers(dest="verb", required=True, metavar="VERB")
    export = verbs.add_parser("export", parents=parents, help="as candidates for a gold set")
    export.add_argument("--ready", action="store_true", help="only those that read as gold")


def _completes(action: argparse.Action, what: dict[str, str]) -> None:
    """Tells shtab, which looks for this attribute, what to offer."""
    vars(action)["complete"] = what
