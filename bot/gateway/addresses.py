"""Whose request it is: the address of the browser, also behind a proxy."""

from __future__ import annotations

import functools
import ipaddress

from aiohttp import web

from bot.gateway.keys import SETTINGS
from bot.settings import SettingsError

# Whoever asks from the machine itself is its operator, or a proxy that nobody has named yet: counting all its
# visitors as one address would lock everybody out.
THIS_MACHINE = "this machine"

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@functools.lru_cache(maxsize=8)
def networks(trusted_proxies: str) -> tuple[_Network, ...]:
    """The proxies of the setting; raises SettingsError for one that is no address or network."""
    found = []
    for part in filter(None, (part.strip() for part in trusted_proxies.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise SettingsError(
                f"TRUSTED_PROXIES: {part!r} is no address. Use addresses or networks, such as 10.0.0.0/8."
            ) from None
    return tuple(found)


def client_address(request: web.Request) -> str:
    """The address a request is counted under; an IPv6 one by its /64, which is what one household has.

    X-Forwarded-For is believed only as far as trusted proxies wrote it: read from its end, the first
    address that is not one of theirs is the client's. Anyone can write what stands before it.
    """
    trusted = networks(request.app[SETTINGS].trusted_proxies)
    address = _parse(request.remote or "")
    if address is None:
        return "unknown"
    hops = [hop.strip() for value in request.headers.getall("X-Forwarded-For", []) for hop in value.split(",")]
    while hops and any(address in network for network in trusted):
        told = _parse(hops.pop())
        if told is None:
            break
        address = told
    if address.is_loopback:
        return THIS_MACHINE
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def from_trusted_proxy(request: web.Request) -> bool:
    """Whether the request came through a proxy whose headers are believed."""
    address = _parse(request.remote or "")
    trusted = networks(request.app[SETTINGS].trusted_proxies)
    return address is not None and any(address in network for network in trusted)


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address
