"""How the shop uses each kind of database."""

from typing import Any

# A writer takes the lock when its transaction begins and waits for it: no "database is locked".
# A commit is on the disk before anybody hears of it (FULL): with NORMAL a power cut takes the last
# ones with it, and so the order that a buyer is paying at Stripe in that moment.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
# A database in trouble becomes an error in time, not a thread that waits for ever. No transaction
# of the shop waits for Stripe, so all of them are short.
POSTGRESQL_OPTIONS = {
    "application_name": "minicart",
    "connect_timeout": 5,
    "options": "-c lock_timeout=10s -c statement_timeout=30s"
    " -c idle_in_transaction_session_timeout=60s",
}


def tuned(config: dict[str, Any], *, pool_size: int) -> dict[str, Any]:
    """`config` with what its engine needs; options in DATABASE_URL itself go first."""
    given = config.get("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # Kept by the server's long-lived threads (docs/decisions/0001-wsgi-behind-uvicorn.md).
        engine = {"ENGINE": "project.sqlite"}
        return config | engine | {"OPTIONS": SQLITE_OPTIONS | given, "CONN_MAX_AGE": 600}
    # Threads of one process share its connections; one that waits longer than `timeout` gives up.
    pool = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    options = POSTGRESQL_OPTIONS | {"pool": pool} | given
    return config | {"OPTIONS": options, "CONN_HEALTH_CHECKS": True}
