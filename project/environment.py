"""Reads settings from the environment; a missing or wrong one stops the start, in a sentence."""

import os
import sys
from collections.abc import Collection
from email.utils import parseaddr
from importlib import import_module
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.http.request import validate_host

# fc00::/7; of IPv4 it is 10.0.0.0/8. A proxy's addresses are in a narrower network.
WIDEST_PRIVATE_NETWORK = 7
# How values begin that everybody can read, in this repository or in examples elsewhere.
PUBLISHED_SECRETS = ("change", "django-insecure-", "only-for-")


def fail_startup(sentence: str) -> NoReturn:
    sys.exit(f"Minicart can't start: {sentence}")


class Environment(environ.Env):
    """django-environ, whose every failure is one sentence that names the variable."""

    def __init__(self, file: Path) -> None:
        """Reads `file` (or the one that ENV_FILE names); what the environment says goes first.

        An empty value is an unset one, so that a copy of .env.example can be filled in bit by bit.
        """
        super().__init__()
        self.read_env(os.environ.get("ENV_FILE") or file)
        self.ENVIRON = {name: value for name, value in os.environ.items() if value}

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, *args, **kwargs)
        except ImproperlyConfigured:
            fail_startup(
                f"{var} is not set. Set it in the environment or in .env; see .env.example."
            )
        except (ValueError, TypeError, KeyError) as error:
            fail_startup(f"{var} has a value that can't be used ({error}); see .env.example.")

    def secret(self, var: str, *, debug: bool) -> str:
        """A secret has a default only where DEBUG is on, and may be short only there."""
        value: str = self.str(var, default=f"only-for-debug-{var}") if debug else self.str(var)
        if not debug and (len(value) < 50 or len(set(value)) < 5):
            fail_startup(f"{var} must be random and have 50 characters or more; see .env.example.")
        is_public = self.str("BASE_URL", default="").startswith("https:")
        if is_public and value.lower().startswith(PUBLISHED_SECRETS):
            fail_startup(f"{var} has the value of an example; make a random one: see .env.example.")
        return value

    def boolean(self, var: str, *, default: bool) -> bool:
        """Only the words that mean one or the other: a typing error never turns a safeguard off."""
        value = self.str(var, default=str(default)).lower()
        if value not in ("true", "1", "yes", "on", "false", "0", "no", "off"):
            fail_startup(f"{var} must be True or False, and is '{value}'.")
        return value in ("true", "1", "yes", "on")

    def positive(self, var: str, *, default: int) -> int:
        value: int = self.int(var, default=default)
        if value < 1:
            fail_startup(f"{var} must be 1 or more, and is {value}.")
        return value

    def limit(self, var: str, *, default: int, at_most: int | None = None) -> int:
        """A number of things that are allowed; 0 turns the limit off."""
        value: int = self.int(var, default=default)
        if value < 0 or (at_most is not None and value > at_most):
            upper = "or more" if at_most is None else f"to {at_most}"
            fail_startup(f"{var} must be 0 {upper}, and is {value}. 0 turns it off.")
        return value

    def networks(self, var: str, *, default: str) -> list[str]:
        """Addresses and networks like 127.0.0.1,10.0.0.0/8; none wider than a private one."""
        values = [value.strip() for value in self.list(var, default=[default])]
        for value in values:
            try:
                is_too_wide = ip_network(value).prefixlen < WIDEST_PRIVATE_NETWORK
            except ValueError:
                fail_startup(
                    f"{var} must list addresses or networks like 10.0.0.0/8, not '{value}'."
                )
            if is_too_wide:
                fail_startup(f"{var} must list the addresses of your proxies only, not '{value}'.")
        return values

    def minutes(self, var: str, *, default: int, at_most: int) -> int:
        """From `default`, which is the least that does no harm, to `at_most`."""
        value: int = self.int(var, default=default)
        if not default <= value <= at_most:
            fail_startup(f"{var} must be {default} to {at_most} minutes, and is {value}.")
        return value

    def port(self, var: str, *, default: int) -> int:
        value: str = self.str(var, default=str(default)).strip()
        if not value.isdecimal() or not 1 <= int(value) <= 65535:
            fail_startup(f"{var} must be a port, a number from 1 to 65535, and is '{value}'.")
        return int(value)

    def one_of(self, var: str, names: Collection[str], *, default: str, like: str) -> str:
        """One of `names`; `like` says in the refusal what they look like."""
        value: str = self.str(var, default=default)
        if value not in names:
            fail_startup(f"{var} must be {like}, and is '{value}'.")
        return value

    def server_loop(self, var: str, *, default: str) -> str:
        """An event loop of uvicorn; auto is uvloop where it is installed."""
        loops = ["auto", "asyncio", "uvloop"]
        value = self.one_of(var, loops, default=default, like="auto, asyncio or uvloop")
        if value == "uvloop":
            try:
                import_module("uvloop")
            except ImportError:
                fail_startup(f"{var} is uvloop, which isn't installed here. Set it to auto.")
        return value

    def some_of(self, var: str, names: list[str]) -> list[str]:
        """One or more of `names`; all of them by default."""
        chosen = [name.strip() for name in self.list(var, default=names)]
        if not chosen or not set(chosen) <= set(names):
            fail_startup(
                f"{var} must list {' or '.join(names)}, with commas, and is '{self.str(var)}'."
            )
        return chosen

    def hosts(self, var: str, **default: list[str]) -> list[str]:
        """Names as a Host header has them; Django would never find an address among them."""
        hosts = [host.strip() for host in self.list(var, **default)]
        if any("/" in host for host in hosts):
            fail_startup(f"{var} must list names like shop.example, without http:// and slashes.")
        if "*" in hosts:
            fail_startup(f"{var} must list names like shop.example; * would allow every name.")
        if not all(map(str.isascii, hosts)):
            fail_startup(f"{var} must list names as browsers send them, like xn--80aswg.example.")
        return hosts

    def web_file(self, var: str, **default: str) -> str:
        """An address like https://js.stripe.com/v3/, kept as it is."""
        value: str = self.str(var, **default)
        if value and not is_web_address(value):
            fail_startup(
                f"{var} must start with http:// or https:// and name a host; it is '{value}'."
            )
        return value

    def web_address(self, var: str, **default: str) -> str:
        """An address like https://shop.example or http://localhost:8000, without the last slash."""
        value = self.web_file(var, **default).rstrip("/")
        parts = urlsplit(value)
        if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
            fail_startup(f"{var} must be like https://shop.example, without a path.")
        return value

    def own_address(self, var: str, *, hosts: list[str], **default: str) -> str:
        """The shop's address; its host must be one of `hosts`, the allowed ones."""
        value = self.web_address(var, **default)
        host = urlsplit(value).hostname or ""
        if not validate_host(f"[{host}]" if ":" in host else host, hosts):
            fail_startup(f"{var} is {value}, but ALLOWED_HOSTS doesn't list {host}.")
        return value

    def sender(self, var: str, *, default: str) -> str:
        """The address of a sender, perhaps with a name: Shop <shop@shop.example>."""
        value: str = self.str(var, default="")
        try:
            if value:
                validate_email(parseaddr(value)[1])
        except ValidationError:
            fail_startup(f"{var} must be an e-mail address, and is '{value}'.")
        return value or default

    def folder(self, var: str, *, default: Path) -> Path:
        """A folder, which is created if it doesn't exist."""
        folder = Path(self.str(var, default=str(default)))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            fail_startup(f"{var} is {folder}, which can't be created: {error.strerror}.")
        return folder

    def apps(self, var: str) -> list[str]:
        """Names of Django apps; of a folder like /srv/shop/warehouse it is its last part."""
        names = []
        for value in self.list(var, default=[]):
            folder = Path(value.strip())
            if len(folder.parts) > 1 and str(folder.parent) not in sys.path:
                sys.path.append(str(folder.parent))
            spec = find_spec(folder.name) if folder.name.isidentifier() else None
            own_file = (folder / "__init__.py").resolve()
            # A module of Python or the shop may have the folder's name.
            is_other = (
                spec and len(folder.parts) > 1 and Path(spec.origin or "").resolve() != own_file
            )
            if spec is None or is_other:
                fail_startup(f"{var} names {folder}, where no Python package is.")
            names.append(folder.name)
        return names

    def theme(self, var: str) -> Path | None:
        """A folder with a folder `templates`, a folder `static`, or both. None if it isn't set."""
        value: str = self.str(var, default="")
        if not value:
            return None
        folder = Path(value)
        if not within(folder, "templates") and not within(folder, "static"):
            fail_startup(f"{var} is {folder}, which has no folder templates or static.")
        return folder

    def database(self, var: str, *, default: str) -> dict[str, Any]:
        try:
            config: dict[str, Any] = self.db(var, default=default)
        except ValueError:  # an impossible port
            fail_startup(f"{var} isn't an address like postgres://user:password@host:5432/name.")
        engine = str(config.get("ENGINE", "")).rpartition(".")[2]
        if engine not in ("sqlite3", "postgresql"):
            fail_startup(f"{var} must start with sqlite:// or postgres://.")
        if engine == "sqlite3" and not Path(config["NAME"]).parent.is_dir():
            fail_startup(f"{var} names a file in a folder that doesn't exist: {config['NAME']}.")
        return config

    def currencies(self, var: str, *, default: str, known: frozenset[str]) -> list[str]:
        codes = [code.strip().upper() for code in self.list(var, default=[default])]
        unknown = [code for code in codes if code not in known]
        if unknown or not codes or len(set(codes)) < len(codes):
            fail_startup(f"{var} must list different currencies that Stripe knows, like USD,EUR.")
        return codes


def within(folder: Path | None, name: str) -> list[Path]:
    """The folder `name` in `folder`, if both exist."""
    return [folder / name] if folder and (folder / name).is_dir() else []


def is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an IPv6 address without its closing bracket, or an impossible port
        return False
