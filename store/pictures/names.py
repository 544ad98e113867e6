"""How the shop names the files of pictures."""

from secrets import token_hex

# In pixels of the screen: a phone has two or three of them for each pixel of CSS.
WIDTHS = (160, 320, 480, 640, 960, 1440)
ICON_SIDES = (32, 180)  # of the logo, for browsers' tabs and the start screens of phones


def new_name(folder: str, sent_name: str) -> str:
    """A name that the shop chooses: the merchant's may say who, where and when."""
    return f"{folder}/{token_hex(6)}.{sent_name.rpartition('.')[2]}"


def sized_name(name: str, width: int) -> str:
    """The name of the file with the picture in this width."""
    return f"{name.rpartition('.')[0]}-{width}.webp"


def icon_name(name: str, side: int) -> str:
    """The name of the file with the logo as a square icon."""
    return f"{name.rpartition('.')[0]}-icon-{side}.png"


def stem(name: str) -> str:
    """What the names of all files of a picture begin with."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/{file.partition('.')[0].partition('-')[0]}"


def widths_of(width: int) -> list[int]:
    """The widths in which a picture is stored: those below its own, and its own."""
    most = min(width, WIDTHS[-1])
    return sorted({each for each in WIDTHS if each < most} | {most})
