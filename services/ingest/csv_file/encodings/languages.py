"""Languages by their letters: how surprising each letter is after the one before it.

The costs are counted beforehand and lie in letters.txt: natural logarithms, so a sum of them tells how
improbable a word is. An alphabet has a cost for each pair of letters, Chinese characters and syllables have
one each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

COSTS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # each a quarter more than the last
STEP = 0.25
EDGE = " "  # before the first letter of a word, and after its last

_FILE = Path(__file__).with_name("letters.txt")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    code: str
    name: str
    pairs: Mapping[str, float]  # two letters, or EDGE and one
    characters: Mapping[str, float]  # of a language that has too many for pairs
    letters: frozenset[str]

    @property
    def is_alphabetic(self) -> bool:
        return bool(self.pairs)


@cache
def languages() -> Mapping[str, Language]:
    """By their codes."""
    with _FILE.open(encoding="utf-8") as file:
        lines = iter(file.read().splitlines())
    return {language.code: language for language in _read(lines)}


def _read(lines: Iterator[str]) -> Iterator[Language]:
    for line in lines:
        kind, _, rest = line.partition(" ")
        code, _, name = rest.partition(" ")
        if kind == "alphabet":
            yield _alphabetic(code, name, next(lines).replace("_", EDGE), lines)
        elif kind == "characters":
            yield _with_characters(code, name, lines)


def _alphabetic(code: str, name: str, letters: str, lines: Iterator[str]) -> Language:
    pairs = {
        before + letter: COSTS.index(cost) * STEP
        for before, row in zip(letters, islice(lines, len(letters)), strict=True)
        for letter, cost in zip(letters, row, strict=True)
    }
    return Language(code=code, name=name, pairs=pairs, characters={}, letters=frozenset(letters) - {EDGE})


def _with_characters(code: str, name: str, lines: Iterator[str]) -> Language:
    characters: dict[str, float] = {}
    for line in iter(lambda: next(lines, ""), ""):
        cost, _, those = line.partition(" ")
        characters |= dict.fromkeys(those, float(cost))
    return Language(code=code, name=name, pairs={}, characters=characters, letters=frozenset(characters))
