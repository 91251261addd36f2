"""What the files in the ZIP are called (pure): so that a person knows the product, and any system takes it.

No two are alike, also where the case of letters does not count: each begins with the number of its row and
ends with its place in that row.
"""

import re
import unicodedata

LONGEST_NAME_BYTES = 120
LONGEST_SERIAL_BYTES = 40
# What Windows refuses, what leads elsewhere, what is not seen, and what turns the direction of writing.
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')
_SPACES = re.compile(r"\s+")


def file_name(row: str, serial_number: str, product_name: str, place: int, extension: str) -> str:
    """As `0012 Teapot 1.jpg`; a serial number that is not the row's stands behind it."""
    serial = _shortened(cleaned(serial_number), LONGEST_SERIAL_BYTES)
    own = () if serial == row.lstrip("0") else (serial,)
    name = _shortened(cleaned(product_name), LONGEST_NAME_BYTES)
    words = (row, *own, name, str(place))
    return f"{' '.join(word for word in words if word)}.{extension}"


def cleaned(text: str) -> str:
    """On one line, and without what a file's name may not hold."""
    plain = _REFUSED.sub("_", _SPACES.sub(" ", unicodedata.normalize("NFC", text)))
    return plain.strip(" .")


def _shortened(name: str, most_bytes: int) -> str:
    return name.encode()[:most_bytes].decode(errors="ignore").strip(" .")
