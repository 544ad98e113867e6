import pytest

from store.folding import folded_line, folded_text, words_of
from store.models.folded_field import FoldedField


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Crème BRÛLÉE", ["creme", "brulee"]),
        ("Ёлка, ёж и йод", ["елка", "еж", "и", "иод"]),
        ("Straße", ["strasse"]),
        ("Smørrebrød from Łódź", ["smorrebrod", "from", "lodz"]),
        ("İstanbul ışık", ["istanbul", "isik"]),
        ("A4-paper (½ ream), no. 1_2", ["a4", "paper", "1", "2", "ream", "no", "1", "2"]),
        ("日本の本", ["日", "本", "の", "本"]),
        ("ﬁne 350 ml²", ["fine", "350", "ml2"]),
        ("“mug”* AND (NOT :x) \x00 --", ["mug", "and", "not", "x"]),
        ("O'Neil’s mug, пʼять", ["oneils", "mug", "пять"]),
        ("'mugs' of the lads’", ["mugs", "of", "the", "lads"]),
        ("… !", []),
        ("a" * 100, ["a" * 40]),
    ],
)
def test_words_are_compared_without_case_and_accents(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_line_keeps_repeated_words_and_is_bounded() -> None:
    assert folded_line("Mug, Mug") == " mug mug"
    assert len(folded_line("ﷺ" * 200)) == 240  # 18 letters each


def test_a_text_has_each_word_once() -> None:
    assert folded_text("Mug: a mug!") == " mug a"
    assert folded_text("") == ""


def test_a_word_with_apostrophes_is_found_by_its_parts_too() -> None:
    assert folded_line("O’Neil's mug") == " oneils mug o neil s"
    assert folded_text("Don't, don’t") == " dont don t"


def test_a_migration_needs_no_more_than_a_text_field() -> None:
    _name, path, arguments, options = FoldedField(folded_line, ["name"]).deconstruct()
    assert (path, arguments) == ("django.db.models.TextField", [])
    assert options == {"default": "", "editable": False}
