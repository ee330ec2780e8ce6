"""How much a search adds to the HTTP server under it: ``python -m eval.bench.http``.

Starts the app in a process of its own, with one endpoint added that returns the same JSON from
memory, and asks both by turns over kept-alive connections. Run it as a module: as a script its
folder would hide the standard library's ``http``.
"""

import argparse
import asyncio
import importlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from statistics import quantiles
from time import perf_counter
from typing import Any

import httpx
import uvicorn
from rich.console import Console
from rich.table import Table
from starlette.requests import Request
from starlette.responses import Response

APP = "service.app:from_environment"
MEMORY = "/bench/memory"
SEARCH, ASK = "/api/search", "/api/ask"
CONNECTIONS = (1, 16)
QUESTIONS = (
    "谁负责登记发射物体？",
    "各国提出了哪些建议？",
    "Which proposals were made on transparency?",
    "Who is responsible for registration?",
    "Quelles mesures de confiance sont proposées ?",
    "Qui est responsable des dommages ?",
    "¿Qué medidas de transparencia se proponen?",
    "¿Quién responde de los daños?",
    "Какие меры укрепления доверия предлагаются?",
    "Кто отвечает за регистрацию?",
    "ما هي تدابير بناء الثقة المقترحة؟",
    "من المسؤول عن التسجيل؟",
)


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one endpoint at one number of connections; milliseconds."""

    path: str
    connections: int
    requests: int
    p50: float
    p95: float
    per_second: float


# The server's process


def serve(app_name: str, descriptor: int) -> None:
    """Serves the app that ``module:factory`` makes on an open listening socket."""
    module, _, factory = app_name.partition(":")
    app = getattr(importlib.import_module(module), factory)()
    add_memory(app)
    config = uvicorn.Config(app, log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


def add_memory(app: Any) -> None:
    """Adds an endpoint that searches once for each body, and keeps the bytes it answered."""
    kept: dict[bytes, bytes] = {}

    async def memory(request: Request) -> Response:
        body = await request.body()
        if body not in kept:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://memory") as client:
                answer = await client.post(SEARCH, content=body, headers=request.headers)
            answer.raise_for_status()
            kept[body] = answer.content
        return Response(kept[body], media_type="application/json")

    app.add_api_route(MEMORY, memory, methods=["POST"], include_in_schema=False)


@contextmanager
def running(app_name: str) -> Iterator[int]:
    """The port of a server in a process of its own; connections wait until it accepts them."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        descriptor = listener.fileno()
        command = [sys.executable, "-m", "eval.bench.http", "--app", app_name]
        server = subprocess.Popen([*command, "--serve", str(descriptor)], pass_fds=(descriptor,))
        port = int(listener.getsockname()[1])
    try:
        yield port
    finally:
        server.terminate()
        server.wait(30)


# The client's


class Connection:
    """One kept-alive connection; HTTP no further than the bench needs it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, request: bytes) -> tuple[float, bytes]:
        """(milliseconds to the last byte, body); raises RuntimeError unless the status is 200."""
        started = perf_counter()
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        body = await self._reader.readexactly(length)
        took = 1000 * (perf_counter() - started)
        if not head.startswith(b"http/1.1 200 "):
            raise RuntimeError(f"The server answered: {body.decode(errors='replace')}")
        return took, body

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def request_bytes(path: str, body: dict[str, object]) -> bytes:
    content = json.dumps(body, ensure_ascii=False).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content


async def block(
    connections: Sequence[Connection], requests: Sequence[bytes], count: int
) -> tuple[list[float], float]:
    """``count`` requests shared among the connections: (each one's time, seconds for all)."""
    waiting = iter(list(islice(cycle(requests), count)))
    times: list[float] = []

    async def work(connection: Connection) -> None:
        for request in waiting:
            took, _body = await connection.post(request)
            times.append(took)

    started = perf_counter()
    await asyncio.gather(*(work(connection) for connection in connections))
    return times, perf_counter() - started


async def measure(port: int, k: int, rounds: int, count: int) -> list[Timing]:
    """Every endpoint at every number of connections, ``rounds`` blocks of ``count`` by turns."""
    requests = {
        MEMORY: [request_bytes(MEMORY, {"query": each, "k": k}) for each in QUESTIONS],
        SEARCH: [request_bytes(SEARCH, {"query": each, "k": k}) for each in QUESTIONS],
        ASK: [request_bytes(ASK, {"question": each, "k": k}) for each in QUESTIONS],
    }
    timings: list[Timing] = []
    for width in CONNECTIONS:
        connections = [await Connection.open(port) for _ in range(width)]
        times: dict[str, list[float]] = {path: [] for path in requests}
        seconds = dict.fromkeys(requests, 0.0)
        for path in requests:  # warm, and fill the memory
            await block(connections, requests[path], max(count, len(QUESTIONS)))
        for _ in range(rounds):
            for path, asked in requests.items():
                took, spent = await block(connections, asked, count)
                times[path] += took
                seconds[path] += spent
        for connection in connections:
            await connection.close()
        timings += [_timing(path, width, times[path], seconds[path]) for path in requests]
    return timings


def _timing(path: str, connections: int, times: list[float], seconds: float) -> Timing:
    cuts = quantiles(times, n=20, method="inclusive")
    return Timing(path, connections, len(times), cuts[9], cuts[18], len(times) / seconds)


def ratios(timings: Sequence[Timing]) -> dict[str, dict[str, float]]:
    """p50 over p50, by number of connections: search over memory, ask over search."""
    p50 = {(timing.path, timing.connections): timing.p50 for timing in timings}
    return {
        str(width): {
            "search/memory": p50[SEARCH, width] / p50[MEMORY, width],
            "ask/search": p50[ASK, width] / p50[SEARCH, width],
        }
        for width in CONNECTIONS
    }


def show(timings: Sequence[Timing], found: dict[str, dict[str, float]]) -> None:
    table = Table("connections", "endpoint", "requests", "p50 ms", "p95 ms", "requests/s")
    for timing in timings:
        figures = (f"{timing.p50:.2f}", f"{timing.p95:.2f}", f"{timing.per_second:.0f}")
        table.add_row(str(timing.connections), timing.path, str(timing.requests), *figures)
    console = Console()
    console.print(table)
    for width, each in found.items():
        line = ", ".join(f"{name} {ratio:.2f}×" for name, ratio in each.items())
        console.print(f"p50 at {width}: {line}")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.bench.http", description=__doc__)
    parser.add_argument("--app", default=APP, help="module:factory of the app (%(default)s)")
    parser.add_argument("--k", type=int, default=10, help="hits in each answer")
    parser.add_argument("--rounds", type=int, default=10, help="blocks for each endpoint")
    parser.add_argument("--count", type=int, default=96, help="requests in a block")
    parser.add_argument("--limit", type=float, help="exit 1 when search/memory is above it")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.serve is not None:
        serve(args.app, args.serve)
        return 0
    with running(args.app) as port:
        timings = asyncio.run(measure(port, args.k, args.rounds, args.count))
    found = ratios(timings)
    if args.json:
        rows = [asdict(timing) for timing in timings]
        print(json.dumps({"timings": rows, "p50_ratios": found}, indent=2))
    else:
        show(timings, found)
    worst = max(each["search/memory"] for each in found.values())
    return int(args.limit is not None and worst > args.limit)


if __name__ == "__main__":
    sys.exit(main())
