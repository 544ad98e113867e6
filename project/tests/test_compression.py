"""Pages are compressed where the browser accepts it, other files are not."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("address", ["/", "/nothing"])
def test_pages_are_compressed(client: Client, db: None, address: str) -> None:
    plain = client.get(address)
    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in plain["Vary"]
    compressed = client.get(address, headers=GZIP)
    assert compressed["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.content) == plain.content
    assert int(compressed["Content-Length"]) == len(compressed.content) < len(plain.content)


def test_pictures_are_not_compressed(client: Client, db: None) -> None:
    picture = Path(settings.MEDIA_ROOT) / "large.webp"
    picture.parent.mkdir(exist_ok=True)
    picture.write_bytes(b"a" * 10_000)
    answer = client.get("/media/large.webp", headers=GZIP)
    assert "Content-Encoding" not in answer
    assert answer["Content-Length"] == "10000"
    answer.close()
