"""Compares how the same bytes read in each encoding, and says which reading is the best (pure)."""

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.ingest.csv_file.encodings.damage import MARKING
from services.ingest.csv_file.encodings.fit import ASCII_COST, RUN, run_cost
from services.ingest.csv_file.encodings.known import Known, known_encodings
from services.ingest.csv_file.encodings.languages import Language, languages
from services.ingest.csv_file.encodings.sample import SEGMENT_BYTES

FIRST_LOOK_SEGMENTS = 12
FINALISTS = 12
OTHER_LANGUAGE_COST = 3.0  # of a word that is in another language than the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The bytes in one encoding, in the language that they then most probably are in."""

    encoding: Known
    language: Language
    texts: tuple[str, ...]
    cost: float
    cost_of_letter: float  # of those beyond ASCII and of what stands with them


def readings(segments: Sequence[bytes]) -> list[Reading]:
    """The best first. Of encodings in which all reads the same, only the commonest."""
    candidates = known_encodings()
    if len(segments) > FIRST_LOOK_SEGMENTS:
        first_look = sorted(_read(segments[:FIRST_LOOK_SEGMENTS], candidates), key=_cost)
        candidates = tuple(reading.encoding for reading in first_look[:FINALISTS])
    by_texts: dict[tuple[str, ...], Reading] = {}
    for reading in sorted(_read(segments, candidates), key=_cost):
        by_texts.setdefault(reading.texts, reading)
    return list(by_texts.values())


def reading(codec: str, segments: Sequence[bytes]) -> Reading:
    """In one of the encodings that we tell apart."""
    return next(_reading(known, segments) for known in known_encodings() if known.codec == codec)


def _cost(reading: Reading) -> float:
    return reading.cost


def _read(segments: Sequence[bytes], candidates: Iterable[Known]) -> list[Reading]:
    return [_reading(known, segments) for known in candidates]


def _reading(known: Known, segments: Sequence[bytes]) -> Reading:
    texts = tuple(_decoded(segment, known.codec) for segment in segments)
    runs = [run for text in texts for run in RUN.findall(text)]
    plain = sum(map(len, texts)) - sum(map(len, runs))
    cost, language = _cheapest(runs, [languages()[code] for code in known.languages])
    return Reading(
        encoding=known,
        language=language,
        texts=texts,
        cost=cost + plain * ASCII_COST + known.rareness,
        cost_of_letter=cost / max(1, sum(map(len, runs))),
    )


def _decoded(segment: bytes, codec: str) -> str:
    """A segment that was cut may end in half a letter, which is left out."""
    decoder = codecs.getincrementaldecoder(codec)(MARKING)
    return decoder.decode(segment, final=len(segment) < SEGMENT_BYTES)


def _cheapest(runs: Sequence[str], those: Sequence[Language]) -> tuple[float, Language]:
    """The language of most words; the others may be in another."""
    costs = [[run_cost(run, language) for language in those] for run in runs]
    totals = [0.0] * len(those)
    for of_run in costs:
        most = min(of_run) + OTHER_LANGUAGE_COST
        for place, cost in enumerate(of_run):
            totals[place] += min(cost, most)
    best = min(range(len(those)), key=totals.__getitem__)
    return totals[best], those[best]
