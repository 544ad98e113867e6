"""Keys of rows that a browser sends."""

MAX_DIGITS = 18  # what every database can hold


def as_key(text: str) -> int | None:
    """The number that the text writes; None if it can't be a key."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    return int(text) if is_number else None
