"""The TCP connections of this machine, open or just closed."""

from pathlib import Path


def clients_of(port: int) -> set[int]:
    """The ports from which something is or was just connected to a port of this machine."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    pairs = [[_port(address) for address in line.split()[1:3]] for line in lines]
    return {other for pair in pairs for own, other in (pair, pair[::-1]) if own == port} - {0}


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
