"""Texts as the search compares them: without case and accents."""

import re
import unicodedata

# Letters with a stroke are letters of their own in Unicode, not accented ones.
PLAIN = str.maketrans("øłđħıŧ", "oldhit")
# Chinese and Japanese are written without spaces, so each character is a word.
CHARACTER = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
WORD = re.compile(rf"[{CHARACTER}]|[^\W_{CHARACTER}]+")
APOSTROPHES = "'’\u02bc"  # the last one counts as a letter in Unicode
WITHOUT_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, ""))
WITH_SPACES = str.maketrans(dict.fromkeys(APOSTROPHES, " "))
# Databases bound the length of what they index.
MAX_WORD = 40
MAX_LINE = 240


def words_of(text: str) -> list[str]:
    """The words of the text, folded: “Crème, Ёлка” gives creme and елка, “O’Neil” gives oneil."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(each for each in decomposed if not unicodedata.category(each).startswith("M"))
    folded = plain.translate(PLAIN).translate(WITHOUT_APOSTROPHES)
    return [word[:MAX_WORD] for word in WORD.findall(folded)]


def findable_words_of(text: str) -> list[str]:
    """The words of the text, and what is before and after apostrophes: “o neil” finds “O’Neil”."""
    words = words_of(text)
    known = set(words)
    return words + [word for word in words_of(text.translate(WITH_SPACES)) if word not in known]


def folded_line(text: str) -> str:
    """Each word after a space, at most MAX_LINE characters: what names are sorted by, too."""
    return _joined(findable_words_of(text))[:MAX_LINE]


def folded_text(text: str) -> str:
    """Each word once, after a space."""
    return _joined(list(dict.fromkeys(findable_words_of(text))))


def _joined(words: list[str]) -> str:
    return "".join(f" {word}" for word in words)
