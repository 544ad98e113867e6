"""What kind of address an address is."""

from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from django.conf import settings

# Names that only one machine or network knows.
LOCAL_NAMES = (".localhost", ".local", ".internal")


def is_public_https(address: str) -> bool:
    """Whether other servers, like Stripe's, can open this address, and by https."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return False
    try:
        return ip_address(host).is_global
    except ValueError:  # a name
        return "." in host and not host.endswith(LOCAL_NAMES)


def absolute(path: str) -> str:
    """The address that begins with BASE_URL: the Host header of a request may be another one."""
    return urljoin(settings.BASE_URL, path)
