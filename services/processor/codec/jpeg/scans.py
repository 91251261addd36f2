"""Which passes over its picture a JPEG has, by its markers alone (pure)."""

from dataclasses import dataclass

from services.processor.formats.jpeg_segments import START_OF_SCAN, segments

_PROGRESSIVE = frozenset({0xC2, 0xCA})
_FRAMES = frozenset({0xC0, 0xC1, 0xC9}) | _PROGRESSIVE
_PLACES = 64


@dataclass(frozen=True, slots=True)
class Scans:
    """`is_complete`: no component is left out, and no bit of a place that was begun."""

    count: int
    are_several: bool  # or one has all of it
    is_complete: bool


def scans_of(data: bytes) -> Scans | None:
    """None where its markers cannot be followed. A file of one scan is not read to its end."""
    components, is_progressive, count = b"", False, 0
    missing_bits: dict[tuple[int, int], int] = {}  # by component and place among the 64
    try:
        for segment in segments(data):
            body = data[segment.body]
            if segment.marker in _FRAMES:
                components, is_progressive = body[6 : 6 + 3 * body[5] : 3], segment.marker in _PROGRESSIVE
            elif segment.marker == START_OF_SCAN:
                count += 1
                if not is_progressive and body[0] == len(components):
                    return Scans(count, are_several=False, is_complete=True)
                missing_bits |= _missing_after(body)
    except (IndexError, ValueError):
        return None
    if not components:
        return None
    begun = {component for component, place in missing_bits if place == 0}
    is_complete = begun >= set(components) and not any(missing_bits.values())
    return Scans(count, are_several=True, is_complete=is_complete)


def _missing_after(body: bytes) -> dict[tuple[int, int], int]:
    """How many bits are still to come of each place that a scan speaks of."""
    selected = 1 + 2 * body[0]
    first, last, bits = body[selected : selected + 3]
    places = range(first, min(last + 1, _PLACES))
    return {(component, place): bits & 0b1111 for component in body[1:selected:2] for place in places}
