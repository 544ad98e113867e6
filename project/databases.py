"""The options of SQLite and PostgreSQL that the shop needs."""

from typing import Any

# IMMEDIATE takes the write lock when a transaction begins and waits for it, which avoids
# "database is locked". FULL writes each commit to the disk before it returns: with NORMAL a power
# cut could lose the order that a buyer is just paying at Stripe.
# Each thread has a connection with a page cache: 512 KB instead of 2 MB. Python keeps the last 128
# statements of each, 6 KB on average. The catalogue and the cart need fewer than 32; with 8 a
# request takes a tenth longer.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-512;",
    "cached_statements": 32,
}
# With timeouts, a database in trouble raises an error instead of blocking a thread forever. They
# can be short because no transaction of the shop waits for Stripe.
POSTGRESQL_OPTIONS = {
    "application_name": "minicart",
    "connect_timeout": 5,
    "options": "-c lock_timeout=10s -c statement_timeout=30s"
    " -c idle_in_transaction_session_timeout=60s",
}


def with_engine_options(config: dict[str, Any], *, pool_size: int) -> dict[str, Any]:
    """Add the options of its engine to `config`; options in DATABASE_URL take precedence."""
    given = config.get("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # The server's threads are long-lived (docs/decisions/0001-wsgi-behind-uvicorn.md).
        engine = {"ENGINE": "project.sqlite"}
        return config | engine | {"OPTIONS": SQLITE_OPTIONS | given, "CONN_MAX_AGE": 600}
    # All threads of a process share the pool; waiting longer than `timeout` raises an error.
    pool = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    options = POSTGRESQL_OPTIONS | {"pool": pool} | given
    return config | {"OPTIONS": options, "CONN_HEALTH_CHECKS": True}
