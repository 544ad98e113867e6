"""Debian's nginx with the shop's configuration, in front of a server."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import ROOT, Program

CONFIGURATION = ROOT / "deploy/nginx.conf"
# Debian installs it where only root's PATH has it.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
NOTHING = "$^"  # a pattern that no line matches
# One process without a daemon, so that a test starts and ends it.
AROUND = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{}}
http {{
	access_log off;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	include {folder}/shop.conf;
}}
"""


@contextmanager
def running_nginx(
    folder: Path, port: int, upstream: int, *, without: str = NOTHING
) -> Iterator[str]:
    """deploy/nginx.conf without TLS, and without the lines that match; yields the address."""
    assert NGINX, "nginx isn't installed: make nginx"
    folder.mkdir()
    replaced = {
        "/var/cache/nginx/shop": f"{folder}/cache",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "443 ssl": f"127.0.0.1:{port}",
    }
    text = CONFIGURATION.read_text()
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    lines = text.splitlines(keepends=True)
    own = [line for line in lines if not re.search(f"ssl_certificate|{without}", line)]
    (folder / "shop.conf").write_text("".join(own))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    command = [NGINX, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    address = f"http://127.0.0.1:{port}"
    with Program(command, os.environ, folder / "log", ready=f"{address}/healthz"):
        yield address
