"""How improbable words are in a language (pure). Only those with letters beyond ASCII tell anything.

Costs are natural logarithms. Each reading of the same bytes explains all of them, so the costs of two
readings may be compared whatever their encodings and alphabets. The figures were tried on names of products.
"""

import re
import unicodedata
from functools import lru_cache
from string import ascii_letters

from services.ingest.csv_file.encodings.languages import EDGE, Language
from services.ingest.csv_file.encodings.signs import (
    DASHES,
    SIGNS_BEFORE_WORDS,
    SIGNS_IN_WORDS,
    STRANGE_COST,
    sign_cost,
    wide_sign_cost,
)

ASCII_COST = 3.0  # of any character that tells nothing: digits, signs, words without other letters
RARE_CHARACTER_COST = 13.0
HALF_WIDTH_COST = 4.7
STRAY_VOICING_COST = 4.0  # "ﾓﾞ": only some syllables are voiced
CAPITAL_COST = 0.5
CAPITAL_INSIDE_COST = 6.0  # "stÜhle"
SIGN_INSIDE_COST = 5.0  # "St³hle"
SIGN_BESIDE_SIGN_COST = 3.0  # "±²½"
DASH_AT_END_COST = 2.0  # "men—"
SIGN_BEFORE_COST = 3.0  # "®ena"
FOREIGN_WORD_COST = 2.0  # "men—" in Russian
MIXED_ALPHABETS_COST = 8.0  # "stьhle"
BESIDE_LATIN_COST = 2.0  # "Krzes這"
AMID_LATIN_COST = 4.0  # "St殄le"
HALF_WIDTH_CONTACT_COST = 4.0  # "BAMBﾙ"

RUN = re.compile(r"[A-Za-z]*[^\x00-\x7f](?:[^\x00-\x7f]|[A-Za-z])*")

_ASCII_LETTERS = frozenset(ascii_letters)
_HALF_WIDTH = ("\uff61", "\uff9f")
_HALF_WIDTH_CONTACT = re.compile(r"[A-Za-z](?=[\uff61-\uff9f])|[\uff61-\uff9f](?=[A-Za-z])")
_STRAY_VOICING = re.compile(r"(?<![\uff73\uff76-\uff84\uff8a-\uff8e])[\uff9e\uff9f]")
_AMID_LATIN = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f]{1,2}(?=[A-Za-z])")
_BESIDE_LATIN = re.compile(  # beside a small letter, or a single one beside capitals
    r"[a-z](?=[^\x00-\x7f])|[^\x00-\x7f](?=[a-z])"
    r"|(?<=[A-Z]{2})[^\x00-\x7f](?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f](?=[A-Z]{2})"
)


@lru_cache(maxsize=50_000)
def run_cost(run: str, language: Language) -> float:
    """Of characters that follow one another, at least one of them beyond ASCII."""
    if language.is_alphabetic:
        return _alphabetic_cost(run, language)
    return sum(_character_cost(character, language) for character in run) + _unfitting_cost(run)


def _alphabetic_cost(run: str, language: Language) -> float:
    cost, before, was_small = 0.0, EDGE, False
    for place, character in enumerate(run):
        letter = _small(character)
        if letter in language.letters or letter in _ASCII_LETTERS:
            is_small = letter == character
            cost += _letter_cost(before, letter, language)
            cost += 0.0 if is_small else CAPITAL_INSIDE_COST if was_small else CAPITAL_COST
            before, was_small = letter, is_small and letter != "ß"  # it has no capital of its own
        else:
            after = run[place + 1 : place + 2]
            cost += _end_cost(before, language) + sign_cost(character)
            cost += _touching_cost(before, character, after)
            before, was_small = EDGE, False
    return cost + _end_cost(before, language) + _foreign_cost(run, language)


def _foreign_cost(run: str, language: Language) -> float:
    letters = set(run.lower())
    is_foreign = language.letters.isdisjoint(letters) and not _ASCII_LETTERS.isdisjoint(letters)
    return FOREIGN_WORD_COST if is_foreign else 0.0


def _letter_cost(before: str, letter: str, language: Language) -> float:
    known = language.pairs.get(before + letter)
    if known is not None:
        return known
    is_mixed = letter in language.letters or (before != EDGE and before not in _ASCII_LETTERS)
    return MIXED_ALPHABETS_COST + ASCII_COST if is_mixed else ASCII_COST


def _end_cost(before: str, language: Language) -> float:
    return 0.0 if before == EDGE else language.pairs.get(before + EDGE, 0.0)


def _touching_cost(before: str, sign: str, after: str) -> float:
    """What it costs a sign to touch what comes after it."""
    if not after:
        return DASH_AT_END_COST if sign in DASHES and before != EDGE else 0.0
    if not after.isalpha():
        return SIGN_BESIDE_SIGN_COST
    if before == EDGE:
        return 0.0 if sign in SIGNS_BEFORE_WORDS else SIGN_BEFORE_COST
    return 0.0 if sign in SIGNS_IN_WORDS else SIGN_INSIDE_COST


def _character_cost(character: str, language: Language) -> float:
    known = language.characters.get(character)
    if known is not None:
        return known
    if character.isascii():
        return ASCII_COST
    if _HALF_WIDTH[0] <= character <= _HALF_WIDTH[1]:
        return HALF_WIDTH_COST if language.code == "ja" else STRANGE_COST
    if unicodedata.category(character) == "Lo":
        return RARE_CHARACTER_COST
    return wide_sign_cost(character)


def _unfitting_cost(run: str) -> float:
    return (
        BESIDE_LATIN_COST * len(_BESIDE_LATIN.findall(run))
        + AMID_LATIN_COST * len(_AMID_LATIN.findall(run))
        + HALF_WIDTH_CONTACT_COST * len(_HALF_WIDTH_CONTACT.findall(run))
        + STRAY_VOICING_COST * len(_STRAY_VOICING.findall(run))
    )


def _small(character: str) -> str:
    return "i" if character == "\u0130" else character.lower()
