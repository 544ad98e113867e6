from pathlib import Path

from django.conf import settings
from django.test import Client


def test_a_picture_is_kept_for_a_year_and_runs_nothing(client: Client, db: None) -> None:
    picture = Path(settings.MEDIA_ROOT) / "items/0a1b2c3d4e5f.webp"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(b"<script>")
    answer = client.get("/media/items/0a1b2c3d4e5f.webp")
    answer.close()
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_picture_that_is_missing_is_not_kept(client: Client, db: None) -> None:
    for name in ("items/none.webp", "a" * 300):
        answer = client.get(f"/media/{name}")
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("Cache-Control", "")
