"""``sextant serve``: an index for this corpus, made when there is none, then the HTTP server."""

import socket

import uvicorn

from corpus import (
    BadSetting,
    CorpusMissing,
    IndexMissing,
    IndexUnavailable,
    UnreadableDocument,
    corpus_files,
    skipped_files,
)
from index import Encoder, Index
from service import output, unreadable
from service.app import create_app
from service.commands import build, index_opener, open_settings_encoder
from service.live import LiveIndex
from service.settings import Settings
from service.wording import example_question

OK = 0
_GRACE_SECONDS = 20  # for requests in flight at shutdown


def run(settings: Settings, *, build_first: bool = False) -> int:
    """Serves until interrupted; ``build_first`` brings the index up to date whatever is there.

    Raises ``BadSetting`` when the address cannot be had, and what opening an index raises.
    """
    with _bound(settings.host, settings.port) as listener:
        encoder = open_settings_encoder(settings)
        live = _ready(settings, encoder, build_first=build_first)
        app = create_app(live, settings)
        config = uvicorn.Config(
            app,
            log_level=settings.log_level,
            access_log=settings.log_level == "debug",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        listener.listen(config.backlog)
        _announce(listener, live.current())
        uvicorn.Server(config).run(sockets=[listener])
    return OK


def _ready(settings: Settings, encoder: Encoder, *, build_first: bool) -> LiveIndex:
    """An open index of this corpus, built if it must be."""
    opener = index_opener(settings)
    live = LiveIndex(settings.data, encoder, opener=opener)
    output.show_skipped(settings.corpus, skipped_files(settings.corpus))
    try:
        if not build_first and _is_current(live.current(), settings):
            return live
    except IndexMissing:
        output.warn(f"No index in '{settings.data}' yet: building one from '{settings.corpus}'.")
    except IndexUnavailable as error:
        output.warn(str(error))
        output.warn(f"Building it again from '{settings.corpus}'.")
    report, failures = build(settings, encoder)
    output.show_failures(failures)
    if report is not None and report.changed:
        output.show_build(report, settings.data)
    live = LiveIndex(settings.data, encoder, opener=opener)
    live.current()
    return live


def _is_current(index: Index, settings: Settings) -> bool:
    """Whether the index holds the files of the corpus as they are now, and no others, but for
    those that the last build could not read, which are then named again.

    An index whose corpus is gone can still be served.
    """
    try:
        files = corpus_files(settings.corpus)
    except CorpusMissing:
        return True
    bad = unreadable.recall(settings.data)
    known: dict[str, str | None] = {name: each.sha256 for name, each in bad.items()}
    known |= {document.file: document.sha256 for document in index.documents.values()}
    if {path.name: unreadable.digest(path) for path in files} != known:
        return False
    output.show_failures(
        UnreadableDocument(settings.corpus / name, each.why) for name, each in bad.items()
    )
    return True


def _bound(host: str, port: int) -> socket.socket:
    """A socket bound to the address; nobody can connect until it listens."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        why = f"'{host}' is no address of this machine ({error}). Try 127.0.0.1."
        raise BadSetting("--host", why) from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        why = f"cannot listen on {host}:{port} ({error.strerror}). Choose another address or port."
        raise BadSetting("--port", why) from None
    return bound


def _announce(listener: socket.socket, index: Index) -> None:
    """The address and a question to try, on stdout, once a client can connect."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"Sextant is at http://{shown}:{port}", flush=True)
    question = example_question(index.documents.values())
    if question is not None:
        print(f"Try: {question}", flush=True)
