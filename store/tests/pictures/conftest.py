from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """The empty folder of this test's pictures."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"
