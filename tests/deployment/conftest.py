from collections.abc import Iterator

import pytest

from tests.support.public_shop import PublicShop, public_shop


@pytest.fixture(scope="session")
def public(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicShop]:
    """Both servers run again at the end of each test."""
    with public_shop(tmp_path_factory.mktemp("public"), postgresql) as shop:
        yield shop
