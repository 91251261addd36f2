"""Says what to write in place of what is no whole serial number; where that is not plain, what one is."""

import re
import unicodedata

GENERAL = "Give every row a whole number of at most 15 digits: 1, 2, 3."
LOOKED_AT_CHARACTERS = 60

_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[.,'\u2019 ]\d{3})+")
_DECIMALS = re.compile(r"(\d{1,15})[.,]0{1,9}")
_SHORTENED = re.compile(r"\d(?:[.,]\d{1,15})?E\+?\d{1,3}", re.IGNORECASE)
_BESIDE = re.compile(r"(?:no|nr|num|number|nummer|№|#|'|\()?[.:\s]*(\d{1,15})[.):]*", re.IGNORECASE)
_FORMULA = re.compile(r"=\"?(\d{1,15})\"?")
_DIGITS = re.compile(r"\d{1,15}")


def serial_number_hint(value: str) -> str:
    text = _in_ascii_digits(unicodedata.normalize("NFKC", value[:LOOKED_AT_CHARACTERS])).strip()
    if _SHORTENED.fullmatch(text):
        return "A spreadsheet has shortened it: format the column as whole numbers, and save the file again."
    if _THOUSANDS.fullmatch(text):
        return _without_separators(text)
    decimals = _DECIMALS.fullmatch(text)
    if decimals is not None:
        return f"Write {decimals[1]}, without decimals."
    alone = _BESIDE.fullmatch(text) or _FORMULA.fullmatch(text)
    if alone is not None:
        return f"Write {alone[1]}, the number alone."
    return GENERAL


def _without_separators(text: str) -> str:
    whole = re.sub(r"\D", "", text)
    if len(whole) > len("123456789012345"):
        return GENERAL
    if re.fullmatch(r"\d{1,3}[.,]000", text):
        return f"Write {whole} or {text[:-4]}, whichever is meant: a whole number without a separator."
    return f"Write {whole}, without separators."


def _in_ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
