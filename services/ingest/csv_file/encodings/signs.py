"""How improbable a character is that is no letter of the language (pure)."""

# ruff: noqa: RUF001 - each of these signs is meant

import unicodedata
from functools import lru_cache

from services.ingest.csv_file.encodings.damage import first_damage

SIGN_COST = 5.0  # one that many texts have
RARE_SIGN_COST = 7.0
WIDE_SIGN_COST = 6.0  # one of the signs of East Asian texts
STRANGE_COST = 12.0
DAMAGE_COST = 14.0  # a byte that does not fit
CONTROL_COST = 16.0

DASHES = frozenset("–—")
SIGNS_IN_WORDS = frozenset("’·\u00a0\u200c\u200d")
SIGNS_BEFORE_WORDS = frozenset("’‘“„«‚…•°€£¥§№¿¡×±·\u00a0\u200c\u200d")

_SIGNS = frozenset("’‘“”„«»–—…•·°®™©€£²³½×±№\u00a0\u200c\u200d")
_RARE_SIGNS = frozenset("¥§¼¾¿¡µºª‰′″≤≥−\u00ad")
_WIDE_SIGNS = frozenset("①②③④⑤⑥⑦⑧⑨⑩℃㎝㎜㎏★☆●○■□◆◇▲△▼▽※→←↑↓♪Ⅰ㈱・∮⊙◎")
_NO_TEXT = frozenset({"Cc", "Co", "Cn", "Cs"})


@lru_cache(maxsize=4096)
def sign_cost(character: str) -> float:
    if character in _SIGNS:
        return SIGN_COST
    if character in _RARE_SIGNS:
        return RARE_SIGN_COST
    if first_damage(character) is not None:
        return DAMAGE_COST
    if unicodedata.category(character) in _NO_TEXT:
        return CONTROL_COST
    return STRANGE_COST


def wide_sign_cost(character: str) -> float:
    """In a text with Chinese characters or syllables."""
    is_wide = "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff5e"
    if is_wide or character in _WIDE_SIGNS or character in _SIGNS:
        return WIDE_SIGN_COST
    return sign_cost(character)
