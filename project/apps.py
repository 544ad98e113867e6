import atexit

from django.apps import AppConfig
from django.db import connections


class ProjectConfig(AppConfig):
    name = "project"

    def ready(self) -> None:
        atexit.register(close_pools)


def close_pools() -> None:
    """A pool that is still open when Python ends waits 20 seconds for its threads."""
    for connection in connections.all(initialized_only=True):
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()
