"""How the numbers of a workbook are shown, by the styles of its cells."""

import re
from collections.abc import Sequence

from services.ingest.workbook.limits import MOST_STYLES
from services.ingest.workbook.numbers import PLAIN, NumberStyle, Shown
from services.ingest.workbook.refusals import damaged
from services.ingest.workbook.unpacking.archive import Archive
from services.ingest.workbook.unpacking.markup import Attributes, Handler, read_whole
from services.ingest.workbook.xlsx.names import PREFIXES

_DATES = frozenset((*range(14, 18), *range(27, 32), *range(34, 37), *range(50, 55), *range(57, 59)))
_TIMES = frozenset((*range(18, 22), 32, 33, *range(45, 48), 55, 56))
_DATE_TIME = 22
LONGEST_FORMAT = 255
# What a format says literally, and what is no letter of a date: "text", \x, _x, *x, [Red], [$-409].
_ASIDE = re.compile(r'"[^"]*"?|[\\_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
_ZEROS = re.compile(r"0{2,40}")


def read_styles(archive: Archive, part: str | None) -> Sequence[NumberStyle]:
    """One for each style that a cell may have, in their order."""
    if part is None or part not in archive:
        return ()
    found = _Styles()
    read_whole(archive.pieces(part), found, archive.budget)
    styles = {number: number_style(number, found.formats.get(number)) for number in set(found.of_cells)}
    return [styles[number] for number in found.of_cells]


def number_style(number: int, code: str | None) -> NumberStyle:
    if code is None:
        return _built_in(number)
    first = code.partition(";")[0]
    if _ZEROS.fullmatch(first):
        return NumberStyle(digits=len(first))
    letters = _ASIDE.sub("", first).lower()
    if letters.strip() in {"general", "standard"}:
        return PLAIN
    has_day = "d" in letters or "y" in letters
    has_clock = "h" in letters or "s" in letters
    if has_day or ("m" in letters and not has_clock):
        return NumberStyle(Shown.DATE_TIME if has_clock else Shown.DATE)
    return NumberStyle(Shown.TIME) if has_clock else PLAIN


def _built_in(number: int) -> NumberStyle:
    if number in _DATES:
        return NumberStyle(Shown.DATE)
    if number in _TIMES:
        return NumberStyle(Shown.TIME)
    return NumberStyle(Shown.DATE_TIME) if number == _DATE_TIME else PLAIN


class _Styles(Handler):
    prefixes = PREFIXES

    def __init__(self) -> None:
        self.formats: dict[int, str] = {}
        self.of_cells: list[int] = []
        self._in_cells = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self.of_cells.append(_number(attributes.get("numFmtId", "0")))
        elif name == "numFmt":
            self.formats[_number(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")[
                :LONGEST_FORMAT
            ]
        if len(self.of_cells) + len(self.formats) > MOST_STYLES:
            raise damaged("it holds too many styles")

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000000") else 0
