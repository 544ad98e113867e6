from typing import Any

import pytest

from tests.support.kept_pages import NewVisitor, visitors_of_one_process


@pytest.fixture
def new_visitor(db: None, settings: Any) -> NewVisitor:
    """Each call returns a visitor of the same process, which keeps pages for a minute."""
    settings.CATALOGUE_CACHE_SECONDS = 60
    return visitors_of_one_process()
