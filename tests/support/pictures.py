"""Pictures of items."""

from typing import Any

from store.models import Item, Picture


def add_picture(item: Item, name: str = "items/mug.webp", **fields: Any) -> Picture:
    """Store a picture whose file isn't there."""
    values = {"width": 1600, "height": 1200, "widths": [160, 640], "needs_sizes": False} | fields
    return Picture.objects.create(item=item, image=name, **values)
