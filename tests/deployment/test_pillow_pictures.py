"""The files with which Pillow is tested, uploaded in the admin and then shown in Chromium.

`make pillow-pictures` fetches them. Half of them are pictures that a shop can show.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

import httpx
import PIL
import pytest
from playwright.sync_api import Browser

from store.models.picture import MAX_PICTURES
from tests.support import http
from tests.support.processes import ROOT
from tests.support.shops import Shop, running_shop
from tests.support.waiting import wait_until

FOLDER = ROOT / f"var/pillow-{PIL.__version__}/Tests/images"
ITEM = {"price": "5", "currency": "USD", "position": "100", "pictures-INITIAL_FORMS": "0"}
ERROR = re.compile(r'id="id_pictures-(\d+)-image_error"><li>([^<]+)')
ANY_ERROR = re.compile(r"errorlist.*")
SENTENCES = (
    "The shop can’t show this file.",
    "The picture is damaged: it can’t be read to its end.",
    "The picture has more than 50 megapixels.",
    "The submitted file is empty.",
)
# At the good pictures of a form in which another one is refused.
CHOOSE_AGAIN = "Nothing was saved yet"
# The worker makes some of them meanwhile.
MAKE_SIZES = """
from django.core.management import call_command
from store.models import Picture
call_command("make_picture_sizes")
print(Picture.objects.filter(needs_sizes=True).count())
"""
STORED = """
import json
from store.models import Picture
print(json.dumps([
    [each.image.url, each.width, [[width, each.url(width)] for width in each.widths]]
    for each in Picture.objects.all()
]))
"""
WIDTHS = """() => Promise.all([...document.images].map(
  (image) => image.decode().then(() => image.naturalWidth, () => 0),
))"""


@dataclass
class Uploads:
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def picture_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("pictures")) as shop:
        yield shop


@pytest.fixture(scope="module")
def uploads(picture_shop: Shop) -> Uploads:
    """What happened to each file."""
    uploads = Uploads()
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    with http.Client(base_url=picture_shop.address, headers=http.BROWSER) as client:
        password = (picture_shop.var_dir / "admin-password").read_text().strip()
        client.post("/admin/login/", data={"username": "admin", "password": password})
        for some in batched(files, MAX_PICTURES, strict=False):
            upload(client, list(some), uploads)
    assert len(uploads.accepted) + len(uploads.refused) == len(files)
    return uploads


def upload(client: httpx.Client, paths: list[Path], uploads: Uploads) -> None:
    """Make an item with these pictures, and leave out those that its form refuses."""
    told = send(client, paths)
    errors = {number: text for number, text in told.items() if not text.startswith(CHOOSE_AGAIN)}
    uploads.refused |= {str(paths[number]): text for number, text in errors.items()}
    good = [path for number, path in enumerate(paths) if number not in errors]
    if good:
        assert not errors or send(client, good) == {}
        uploads.accepted += [str(path) for path in good]


def send(client: httpx.Client, paths: list[Path]) -> dict[int, str]:
    """The sentences at the fields for the pictures; none if the item was stored."""
    fields = ITEM | {"name": paths[0].name, "pictures-TOTAL_FORMS": str(len(paths))}
    fields |= {f"pictures-{number}-position": "100" for number in range(len(paths))}
    files = {
        f"pictures-{number}-image": (path.name, path.read_bytes())
        for number, path in enumerate(paths)
    }
    answer = client.post("/admin/store/item/add/", data=fields, files=files)
    errors = {int(number): text for number, text in ERROR.findall(answer.text)}
    told = ([path.name for path in paths], ANY_ERROR.findall(answer.text))
    assert answer.status_code == (200 if errors else 302), told
    return errors


def test_each_refused_file_gets_a_sentence(uploads: Uploads) -> None:
    assert {
        name: text for name, text in uploads.refused.items() if not text.startswith(SENTENCES)
    } == {}
    assert len(uploads.refused) > 400


def test_chromium_shows_all_that_was_accepted(
    uploads: Uploads, picture_shop: Shop, browser: Browser
) -> None:
    assert len(uploads.accepted) > 400
    wait_until(lambda: picture_shop.run_python(MAKE_SIZES).split()[-1] == "0")
    stored = json.loads(picture_shop.run_python(STORED))
    assert len(stored) >= len(uploads.accepted)
    widths: dict[str, int] = {}
    for address, width, sizes in stored:
        assert sizes, address
        widths |= {address: width} | {sized: each for each, sized in sizes}
    page = browser.new_page(base_url=picture_shop.address)
    page.set_content("".join(f'<img src="{picture_shop.address}{each}">' for each in widths))
    shown = dict(zip(widths, page.evaluate(WIDTHS), strict=True))
    page.close()
    assert shown == widths
