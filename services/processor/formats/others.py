"""The names of picture formats that are not read, by how their files begin or end (pure)."""

import re
import struct

HEAD_BYTES = 1024
_NAMED: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("PDF", re.compile(rb"%PDF")),
    ("PostScript (EPS)", re.compile(rb"%!PS|\xc5\xd0\xd3\xc6")),
    ("Photoshop (PSD)", re.compile(rb"8BPS")),
    ("icon (ICO)", re.compile(rb"\x00\x00\x01\x00[\x01-\xff]\x00")),
    ("cursor (CUR)", re.compile(rb"\x00\x00\x02\x00[\x01-\xff]\x00")),
    ("animated cursor (ANI)", re.compile(rb"RIFF....ACON", re.DOTALL)),
    ("CorelDRAW (CDR)", re.compile(rb"RIFF....(?:CDR|cdr)", re.DOTALL)),
    ("Apple icon (ICNS)", re.compile(rb"icns")),
    ("JPEG 2000", re.compile(rb"\x00\x00\x00\x0cjP(?:  |\x1a\x1a)\r\n|\xff\x4f\xff\x51")),
    ("JPEG XL", re.compile(rb"\x00\x00\x00\x0cJXL \r\n|\xff\x0a")),
    ("JPEG XR", re.compile(rb"II\xbc")),
    ("JNG", re.compile(rb"\x8bJNG\r\n\x1a\n")),
    ("MNG", re.compile(rb"\x8aMNG\r\n\x1a\n")),
    ("QOI", re.compile(rb"qoif")),
    ("OpenEXR (EXR)", re.compile(rb"\x76\x2f\x31\x01")),
    ("Radiance HDR", re.compile(rb"#\?(?:RADIANCE|RGBE)")),
    ("GIMP (XCF)", re.compile(rb"gimp xcf")),
    (
        "Krita or OpenRaster",
        re.compile(rb"PK\x03\x04.{26}mimetype(?:application/x-krita|image/openraster)", re.DOTALL),
    ),
    ("DirectDraw (DDS)", re.compile(rb"DDS ")),
    ("Khronos texture (KTX)", re.compile(rb"\xabKTX ")),
    ("Windows metafile (WMF)", re.compile(rb"\xd7\xcd\xc6\x9a|[\x01\x02]\x00\x09\x00\x00[\x01\x03]")),
    ("Windows metafile (EMF)", re.compile(rb"\x01\x00\x00\x00.{36} EMF", re.DOTALL)),
    ("OS/2 bitmap", re.compile(rb"BA.{12}(?:BM|CI|CP|IC|PT)|BM.{12}[\x10-\xff]\x00\x00\x00", re.DOTALL)),
    ("NetPBM (PBM, PGM, PPM, PAM)", re.compile(rb"P[1-7]\s")),
    ("Portable FloatMap (PFM)", re.compile(rb"P[Ff]4?\s+-?\d")),
    ("PCX", re.compile(rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]")),
    ("Silicon Graphics (SGI)", re.compile(rb"\x01\xda[\x00\x01][\x01\x02]\x00[\x01-\x03]")),
    ("Sun raster", re.compile(rb"\x59\xa6\x6a\x95")),
    ("X bitmap (XBM)", re.compile(rb"\s*(?:/\*.{0,200}?\*/\s*)?#define\s+\S+_width\s", re.DOTALL)),
    ("X pixmap (XPM)", re.compile(rb"/\* XPM \*/|! XPM2")),
    ("Amiga picture (ILBM)", re.compile(rb"FORM....(?:ILBM|PBM |ACBM)", re.DOTALL)),
    ("FITS", re.compile(rb"SIMPLE  =")),
    ("DICOM", re.compile(rb".{128}DICM", re.DOTALL)),
    ("DjVu", re.compile(rb"AT&TFORM")),
    ("BPG", re.compile(rb"BPG\xfb")),
    ("FLIF", re.compile(rb"FLIF")),
    ("Paint Shop Pro", re.compile(rb"Paint Shop Pro Image File")),
    (
        "Illustrator or InDesign",
        re.compile(rb"\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d"),
    ),
    ("RAF (Fujifilm camera raw)", re.compile(rb"FUJIFILMCCD-RAW")),
    ("ORF (Olympus camera raw)", re.compile(rb"II(?:RO|RS)|MMOR")),
    ("RW2 (Panasonic camera raw)", re.compile(rb"IIU\x00")),
    ("X3F (Sigma camera raw)", re.compile(rb"FOVb")),
    ("MRW (Minolta camera raw)", re.compile(rb"\x00MRM")),
    ("CRW (Canon camera raw)", re.compile(rb"II.{4}HEAPCCDR", re.DOTALL)),
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_FIRST_ELEMENT = re.compile(rb"<([A-Za-z][A-Za-z:]*)")  # neither <?xml nor <!DOCTYPE nor a comment
_TARGA_HEADER = struct.Struct("<BBBHHBHHHHBB")
_TARGA_END = b"TRUEVISION-XFILE.\0"
_TARGA_PALETTE, _TARGA_COLOURS, _TARGA_GREY, _TARGA_RUNS = 1, 2, 3, 8
_TARGA_DEPTHS = {_TARGA_PALETTE: {8, 16}, _TARGA_COLOURS: {15, 16, 24, 32}, _TARGA_GREY: {8, 16}}
_TARGA_COLOUR_BITS = frozenset({15, 16, 24, 32})
_TARGA_ORDER = 0b1100_0000  # bits of the descriptor that are never set


def other_format(data: bytes) -> str | None:
    """What people call it, or None where it is no picture that is known."""
    head = data[:HEAD_BYTES]
    for name, pattern in _NAMED:
        if pattern.match(head):
            return name
    if _is_svg(head):
        return "SVG"
    return "Targa (TGA)" if _is_targa(data) else None


def _is_svg(head: bytes) -> bool:
    element = _FIRST_ELEMENT.search(head) if _MARKUP.match(head) else None
    return element is not None and element[1].rpartition(b":")[2] == b"svg"


def _is_targa(data: bytes) -> bool:
    """Only newer ones say so, at their end; of others the whole header must make sense."""
    if data.endswith(_TARGA_END):
        return True
    if len(data) <= _TARGA_HEADER.size:
        return False
    named, has_palette, kind, first, colours, colour_bits, _, _, width, height, depth, descriptor = (
        _TARGA_HEADER.unpack_from(data)
    )
    plain_kind = kind & ~_TARGA_RUNS
    if depth not in _TARGA_DEPTHS.get(plain_kind, ()) or not width or not height or descriptor & _TARGA_ORDER:
        return False
    if has_palette != (plain_kind == _TARGA_PALETTE):
        return False
    if has_palette:
        palette_is_sound = colours > 0 and colour_bits in _TARGA_COLOUR_BITS
    else:
        palette_is_sound = first == colours == colour_bits == 0
    pixels_at = _TARGA_HEADER.size + named + colours * ((colour_bits + 7) // 8)
    is_whole = kind & _TARGA_RUNS or len(data) >= pixels_at + width * height * ((depth + 7) // 8)
    return palette_is_sound and bool(is_whole)
