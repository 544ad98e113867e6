"""Where a request comes from, as the keyed hashes of its networks. No address is stored."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

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
