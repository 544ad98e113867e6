"""The files with a picture in the widths that pages use, which lie beside the picture."""

# In pixels. Screens with two or three pixels a dot take the larger ones.
WIDTHS = (160, 320, 480, 640, 960, 1280, 1920)


def sized_name(name: str, width: int) -> str:
    """The name of the file with the picture in this width."""
    return f"{name.rpartition('.')[0]}-{width}.webp"
