"""Where a request comes from, as the keyed hashes of its networks. No address is stored."""

import logging
from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from web.http import GetResponse

logger = logging.getLogger(__name__)

# One household has all addresses of the first network; many providers give it the second one.
IPV6_PREFIXES = (64, 56)


def network_hashes(request: HttpRequest) -> list[str]:
    """Return a hash of each network that the client is in, the smallest first."""
    networks = networks_of(request.META["REMOTE_ADDR"])
    return [
        salted_hmac("web.client_address", each, algorithm="sha256").hexdigest() for each in networks
    ]


def widest_network_hash(request: HttpRequest) -> str:
    return network_hashes(request)[-1]


def networks_of(address: str) -> list[str]:
    """Return the IPv4 address itself, or the networks of an IPv6 address, the smallest first."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return [address]  # empty behind a Unix socket
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return [str(ip_network((parsed, prefix), strict=False)) for prefix in IPV6_PREFIXES]
    return [str(getattr(parsed, "ipv4_mapped", None) or parsed)]


def warn_of_unknown_proxy(get_response: GetResponse) -> GetResponse:
    """Log once if a proxy isn't in FORWARDED_ALLOW_IPS: all its visitors have its address then."""
    has_warned = False

    def middleware(request: HttpRequest) -> HttpResponseBase:
        nonlocal has_warned
        if not has_warned and _is_from_unknown_proxy(request):
            has_warned = True
            logger.warning(
                "X-Forwarded-For isn't trusted: add the proxy %s to FORWARDED_ALLOW_IPS. Until then"
                " the limits per address count all visitors behind it together.",
                request.META["REMOTE_ADDR"],
            )
        return get_response(request)

    return middleware


def _is_from_unknown_proxy(request: HttpRequest) -> bool:
    """Whether the request was forwarded, and its address is still one of a private network.

    uvicorn replaces the address of a trusted proxy by one in the header. A public address proves
    nothing: any client can send the header.
    """
    address = request.META["REMOTE_ADDR"]
    client = request.headers.get("X-Forwarded-For", "").split(",")[0]
    try:
        return bool(client) and address not in client and not ip_address(address).is_global
    except ValueError:  # a Unix socket, or a word in the header of a trusted proxy
        return False
