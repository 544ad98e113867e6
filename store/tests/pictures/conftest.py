from pathlib import Path
from typing import Any

import pytest

from store.models import Item
from tests.support.item_pictures import ALTERNATIVES, add_file
from tests.support.photos import photo
from tests.support.zips import grainy


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """The empty folder of this test's pictures."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def mug(make_item: Any) -> Item:
    """An item with a picture in each format that is stored, the last one first."""
    item: Item = make_item(name="Mug")
    contents = [grainy(), grainy("PNG", "RGBA"), grainy("WEBP"), photo(orientation=6)]
    for number, (content, text) in enumerate(zip(contents, ALTERNATIVES, strict=True)):
        add_file(item, content, text, position=40 - number)
    return item
