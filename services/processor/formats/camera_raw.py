"""Tells what a camera's sensor saw from a TIFF of finished pixels, and names the camera's format (pure)."""

from services.processor.formats.tiff_header import Tags, tables

_MAKE, _PHOTOMETRIC, _SUBFILE, _DNG_VERSION = 271, 262, 254, 50706
_OF_A_SENSOR = frozenset({32803, 34892})  # a mosaic of colours, and one made linear
_IS_REDUCED = 1
_CR2 = b"CR\x02"
_BY_MAKER = (
    (b"NIKON", "NEF (Nikon camera raw)"),
    (b"SONY", "ARW (Sony camera raw)"),
    (b"CANON", "CR2 (Canon camera raw)"),
    (b"PENTAX", "PEF (Pentax camera raw)"),
    (b"RICOH", "PEF (Ricoh camera raw)"),
    (b"SAMSUNG", "SRW (Samsung camera raw)"),
    (b"HASSELBLAD", "3FR (Hasselblad camera raw)"),
    (b"PHASE ONE", "IIQ (Phase One camera raw)"),
    (b"LEAF", "MOS (Leaf camera raw)"),
    (b"MAMIYA", "MEF (Mamiya camera raw)"),
    (b"KODAK", "DCR (Kodak camera raw)"),
    (b"EASTMAN KODAK", "DCR (Kodak camera raw)"),
    (b"EPSON", "ERF (Epson camera raw)"),
    (b"OLYMPUS", "ORF (Olympus camera raw)"),
    (b"PANASONIC", "RW2 (Panasonic camera raw)"),
    (b"LEICA", "RWL (Leica camera raw)"),
)


def camera_raw(data: bytes) -> str | None:
    """The name of the format, or None for a usual TIFF."""
    if data[8:11] == _CR2:
        return "CR2 (Canon camera raw)"
    found = list(tables(data))
    if not found:
        return None
    first = found[0]
    if any(_DNG_VERSION in table for table in found):
        return "DNG (camera raw)"
    maker = _by_maker(first)
    if any(_photometric(table) in _OF_A_SENSOR for table in found):
        return maker or "camera raw"
    return maker if _is_a_preview(first) else None


def _by_maker(table: Tags) -> str | None:
    make = table.get(_MAKE, b"")
    text = make.strip(b"\0 ").upper() if isinstance(make, bytes) else b""
    return next((name for start, name in _BY_MAKER if text.startswith(start)), None)


def _photometric(table: Tags) -> int | None:
    values = table.get(_PHOTOMETRIC)
    return values[0] if isinstance(values, tuple) and values else None


def _is_a_preview(table: Tags) -> bool:
    """Finished pictures do not begin with a smaller one of themselves."""
    values = table.get(_SUBFILE)
    return isinstance(values, tuple) and bool(values) and bool(values[0] & _IS_REDUCED)
