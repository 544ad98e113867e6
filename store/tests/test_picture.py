import pytest
from django.template import Context, Template

from store.models import Item, Picture
from tests.support.pictures import add_picture


def test_the_main_picture_is_the_one_with_the_lowest_number(item: Item) -> None:
    assert item.main_picture is None
    last, first = add_picture(item), add_picture(item, position=1)
    add_picture(item)
    assert item.main_picture == first
    assert list(item.pictures.all())[1] == last


def test_shows_as_its_text_or_its_file(item: Item) -> None:
    picture = add_picture(item)
    assert str(picture) == "mug.webp"
    picture.alternative = "A mug"
    assert str(picture) == "A mug"


def tag(picture: Picture, arguments: str) -> str:
    source = "{% load pictures %}{% picture picture " + arguments + " %}"
    return Template(source).render(Context({"picture": picture}))


def test_the_tag_names_the_files_that_exist(item: Item) -> None:
    picture = add_picture(item, alternative='A "mug"')
    assert tag(picture, 'sizes="50vw"') == (
        '<img src="/media/items/mug-640.webp"'
        ' srcset="/media/items/mug-160.webp 160w, /media/items/mug-640.webp 640w" sizes="50vw"'
        ' alt="A &quot;mug&quot;" width="1600" height="1200" decoding="async" loading="lazy">'
    )
    assert 'fetchpriority="high"' in tag(picture, 'sizes="50vw" loading="first"')
    assert "loading" not in tag(picture, 'sizes="50vw" loading="eager"')


def test_the_tag_shows_the_picture_itself_until_its_sizes_are_made(item: Item) -> None:
    html = tag(add_picture(item, widths=[]), 'sizes="50vw"')
    assert 'src="/media/items/mug.webp"' in html
    assert "srcset" not in html


@pytest.mark.parametrize(("width", "file"), [(100, 160), (160, 160), (161, 640), (2000, 640)])
def test_the_address_of_a_width_is_that_of_a_file_that_is_large_enough(
    item: Item, width: int, file: int
) -> None:
    assert add_picture(item).url(width) == f"/media/items/mug-{file}.webp"
