from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    is_fine: bool
    message: str
