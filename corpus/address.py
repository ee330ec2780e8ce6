"""An HTTP client that connects to public addresses only, and only to those it has checked."""

import ipaddress
import socket
from collections.abc import Callable, Sequence

import httpx

Resolve = Callable[[str, int], Sequence[str]]
"""Host name and port -> IP addresses in the order in which to try them."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class AddressRefused(Exception):
    """A host is not there, or stands at an address that must not be asked."""


def pinned_client(
    timeout: float, *, allow_private: bool = False, resolve: Resolve | None = None
) -> httpx.Client:
    """A client whose every request resolves, checks, then connects to what was checked.

    ``timeout`` is in seconds, for connecting and for each read. Proxies and other settings of the
    environment are not used, and no connection is used twice, so that none outlives its check.
    """
    transport = PinnedTransport(resolve or system_resolve, allow_private=allow_private)
    return httpx.Client(transport=transport, timeout=timeout, trust_env=False)


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Every address that the system's resolver knows. Raises AddressRefused when it knows none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused(f"the host '{host}' is not known. Check the address.") from None
    return tuple(dict.fromkeys(str(item[4][0]) for item in found))


def is_public(address: str) -> bool:
    """Whether an IP address, and any IPv4 address inside of it, is on the public internet."""
    try:
        ip: _Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    inner: _Address | None = None
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.teredo is not None or ip.scope_id is not None or ip.is_site_local:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    bad = ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local
    return ip.is_global and not bad and not ip.is_unspecified


class PinnedTransport(httpx.BaseTransport):
    """Sends each request to a checked IP address, under the host's own name in Host and TLS."""

    def __init__(self, resolve: Resolve, *, allow_private: bool = False) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        self._inner = httpx.HTTPTransport(
            trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = self._resolve(host, port)
        if not addresses:
            raise AddressRefused(f"the host '{host}' has no address. Check the address.")
        for address in addresses:
            if not self._allow_private and not is_public(address):
                raise AddressRefused(
                    f"'{host}' is at {address}, which is not a public address. "
                    "Allow private addresses if that is meant."
                )
        failure: httpx.ConnectError | None = None
        for address in addresses:
            try:
                return self._inner.handle_request(_pinned(request, address))
            except httpx.ConnectError as error:
                failure = error
        raise failure or httpx.ConnectError(f"no address of '{host}' answers", request=request)

    def close(self) -> None:
        self._inner.close()


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to an address; the Host header stays, TLS asks and checks the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": request.url.host},
    )
