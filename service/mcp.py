"""The Model Context Protocol: the tools of ``service/mcp_tools.py`` at ``/mcp``, and on stdio.

Over HTTP every request stands alone: no sessions are kept, so any number of servers may stand
behind one address.
"""

import sys
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version

import anyio
import anyio.to_thread
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from corpus import SextantError
from service.commands import index_opener, open_settings_encoder
from service.live import LiveIndex
from service.mcp_tools import Toolbox, tools
from service.settings import Settings
from service.writers import asker_of

OK = 0
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

_INSTRUCTIONS = (
    "Official documents in Chinese, English, French, Spanish, Russian and Arabic, searched in any "
    "of these languages. Use ask for a question that a document may answer in its own words; use "
    "search, then fetch, to read around a subject. Cite symbol and paragraph."
)


def build_server(toolbox: Toolbox) -> Server[object]:
    """The protocol's side of the tools; their work is done in threads."""

    async def list_tools(
        _context: ServerRequestContext[object], _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=tools())

    async def call_tool(
        context: ServerRequestContext[object], params: CallToolRequestParams
    ) -> CallToolResult:
        request = context.request
        site = str(request.base_url) if isinstance(request, Request) else None
        arguments = params.arguments or {}
        return await anyio.to_thread.run_sync(toolbox.call, params.name, arguments, site)

    return Server(
        "sextant",
        title="Sextant",
        version=version("sextant"),
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


class McpHttp:
    """The streamable HTTP transport: ``running`` while the app serves, ``answer`` per request."""

    def __init__(self, toolbox: Toolbox, settings: Settings, *, body_limit: int) -> None:
        self._manager = StreamableHTTPSessionManager(
            build_server(toolbox),
            json_response=True,
            stateless=True,
            security_settings=_security(settings),
            max_request_body_size=body_limit,
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """Around the app's only lifespan."""
        return self._manager.run()

    async def answer(self, _request: Request) -> Response:
        return _Passed(self._manager)


class _Passed(Response):
    """Lets the transport answer the request in its own way."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        super().__init__()
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)


def run(settings: Settings) -> int:
    """``sextant mcp``: serves on stdio, with whatever index there is when a tool is called.

    Raises ``EncoderUnavailable``, ``RerankerUnavailable``.
    """
    encoder = open_settings_encoder(settings)
    live = LiveIndex(settings.data, encoder, opener=index_opener(settings))
    try:
        live.current()
    except SextantError as error:  # there may be one by the time that a tool is called
        print(f"sextant: {error}", file=sys.stderr, flush=True)
    anyio.run(serve_stdio, Toolbox(asker_of(live.current, encoder, settings), live.current))
    return OK


async def serve_stdio(toolbox: Toolbox) -> None:
    """Until the client closes stdin. Only the protocol reaches stdout."""
    server = build_server(toolbox)
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


def _security(settings: Settings) -> TransportSecuritySettings:
    """Against pages that point a name of theirs at this machine (DNS rebinding).

    A server that listens beyond the loopback has names that it cannot know: then, unless they
    are set, it is for the proxy in front of it to check them.
    """
    listens_widely = settings.host not in ("127.0.0.1", "localhost", "::1")
    if listens_widely and not settings.mcp_hosts:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    hosts = [*LOOPBACK, *settings.mcp_hosts]
    known = [*hosts, *(f"{host}:*" for host in hosts)]
    origins = [f"{scheme}://{host}" for host in known for scheme in ("http", "https")]
    return TransportSecuritySettings(allowed_hosts=known, allowed_origins=origins)
