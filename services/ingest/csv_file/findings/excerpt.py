"""A cell as a message may repeat it: the part of it that the message is about (pure)."""

from services.ingest.csv_file.verdicts import shown_value

SHOWN_BEFORE = 20
SHOWN_CHARACTERS = 60


def excerpt(cell: str, place: int) -> str:
    """What stands around a place, on one line."""
    start = max(0, place - SHOWN_BEFORE)
    cut = "…" if start else ""
    return cut + shown_value(cell[start:], SHOWN_CHARACTERS)
