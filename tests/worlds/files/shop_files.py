"""Lists of products as shops save them, in many languages and encodings, made by seeded chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.worlds.files.shop_words import SAVED_AS, WORDS

HEADER = "S. No.,Product Name,Input Image Urls\n"


@dataclass(frozen=True)
class ShopFile:
    language: str
    codec: str
    kind: str
    names: tuple[str, ...]

    @property
    def data(self) -> bytes:
        return csv_of(self.names).encode(self.codec)


def csv_of(names: tuple[str, ...]) -> str:
    rows = (f'{n},"{name}",https://img.example/{n}.jpg\n' for n, name in enumerate(names, 1))
    return HEADER + "".join(rows)


def shop_files(seed: int, kinds: tuple[str, ...]) -> Iterator[ShopFile]:
    """A file of each kind for each language and encoding."""
    chance = Random(seed)
    for language, codecs in SAVED_AS.items():
        for codec in codecs:
            words = [word for word in WORDS[language] if _fits(word, codec)]
            for kind in kinds:
                yield ShopFile(language, codec, kind, _names(kind, words, codec, chance))


def _names(kind: str, words: list[str], codec: str, chance: Random) -> tuple[str, ...]:
    telling = [word for word in words if not word.isascii()]
    capitals = [word.title() if _fits(word.title(), codec) else word for word in telling]
    match kind:
        case "few words":
            return tuple(chance.sample(telling, 3))
        case "small":
            return tuple(" ".join(chance.sample(words, 2)) for _ in range(12))
        case "capitals":
            return tuple(chance.choice(capitals) for _ in range(8))
        case "mostly ASCII":
            return tuple(chance.choice(telling) if n % 40 == 7 else f"Chair {n} oak" for n in range(200))
        case "large":
            return tuple(" ".join(chance.sample(words, 3)) for _ in range(300))
        case _:
            raise ValueError(kind)


def _fits(word: str, codec: str) -> bool:
    try:
        return word.encode(codec).decode(codec) == word
    except UnicodeEncodeError:
        return False
