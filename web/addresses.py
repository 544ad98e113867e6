"""Parts and kinds of addresses."""

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


def origin(address: str) -> str:
    """Scheme, host and port of the address; "" if it can't be read."""
    try:
        parts = urlsplit(address)
    except ValueError:  # an IPv6 address without its closing bracket
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def absolute(path: str) -> str:
    """The address that begins with BASE_URL: the Host header of a request may be another one."""
    return urljoin(settings.BASE_URL, path)
