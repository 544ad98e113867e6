"""Random buyers while everything goes wrong: not a cent, a piece or a redemption is lost."""

import time

import pytest

from tests.cluster import running_cluster
from tests.conftest import database_of_this_run
from tests.soak.run import soak

PURCHASES = 500


def test_the_books_agree_after_all_that_can_go_wrong(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`make soak` runs it for longer. Another seed each time: a failure names it."""
    seed = int(time.time())
    with capsys.disabled():
        print(f"\nsoak: seed {seed}")  # noqa: T201
    folder = tmp_path_factory.mktemp("soak")
    with (
        database_of_this_run(request) as environment,
        running_cluster(folder, environment, older_than="2s") as cluster,
    ):
        soaked = soak(cluster, seed=seed, purchases=PURCHASES)
    assert not soaked.wrong, "\n".join([f"seed {seed}: {soaked.summary}", *soaked.wrong])
