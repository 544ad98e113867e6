"""The shop's settings, with the values of the tests in the place of .env."""

import os
import tempfile

from tests.support.ports import free_port

SANDBOX_PORT = free_port()
# Set by `python -m tests.support.postgresql`.
ON_POSTGRESQL = os.environ.get("TESTS_RUN_ON") == "postgresql"

os.environ["ENV_FILE"] = os.devnull
os.environ.update(
    DEBUG="True",
    VAR_DIR=tempfile.mkdtemp(prefix="minicart-tests-"),
    DATABASE_URL=os.environ["TEST_DATABASE_URL"] if ON_POSTGRESQL else "sqlite://:memory:",
    BASE_URL="http://testserver",
    ALLOWED_HOSTS="testserver",
    HELD_PIECES_PER_ADDRESS="4",
    HELD_SHARE_PER_ADDRESS="25",
    OPEN_ATTEMPTS_PER_ADDRESS="100",
    BUY_RATE_LIMIT="60",
    WRITE_RATE_LIMIT="120",
    CODE_RATE_LIMIT="10",
    LOGIN_RATE_LIMIT="5",
    PORT="8000",
)

from project.development import sandbox_settings  # noqa: E402

os.environ.update(sandbox_settings(f"http://127.0.0.1:{SANDBOX_PORT}"))

from project.settings import *  # noqa: E402, F403

if not ON_POSTGRESQL:  # in memory also with several test processes
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
