from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    is_fine: bool
    message: str
    address: str = ""  # of the page in the admin on which a merchant can change it
