"""The names by which people may name an encoding (pure)."""

import codecs
from collections.abc import Mapping

_PUBLIC: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32": "utf-32",
    **{f"cp{page}": f"windows-{page}" for page in (874, *range(1250, 1259))},
    **{f"iso8859_{part}": f"iso-8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"cp{page}": f"cp{page}" for page in (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863)},
    **{f"cp{page}": f"cp{page}" for page in (864, 865, 866, 869)},
    "koi8_r": "koi8-r",
    "koi8_u": "koi8-u",
    "mac_roman": "macintosh",
    "mac_latin2": "x-mac-ce",
    "mac_cyrillic": "x-mac-cyrillic",
    "mac_greek": "x-mac-greek",
    "mac_turkish": "x-mac-turkish",
    "cp932": "shift_jis",
    "euc_jp": "euc-jp",
    "euc_jis_2004": "euc-jis-2004",
    "iso2022_jp_2": "iso-2022-jp",
    "gb18030": "gb18030",
    "cp950": "big5",
    "big5hkscs": "big5-hkscs",
    "cp949": "euc-kr",
}
PUBLIC_NAMES = tuple(_PUBLIC.values())

# As other programs name them. Python's own names and aliases are known besides.
_ALIASES: Mapping[str, str] = {
    "ansi": "cp1252",
    "latin1": "cp1252",  # as browsers and spreadsheets read it
    "iso88591": "cp1252",
    "macroman": "mac_roman",
    "xmacroman": "mac_roman",
    "xmacce": "mac_latin2",
    "xmaccyrillic": "mac_cyrillic",
    "xmacgreek": "mac_greek",
    "xmacturkish": "mac_turkish",
    "sjis": "cp932",
    "xsjis": "cp932",
    "shiftjis": "cp932",
    "mskanji": "cp932",
    "windows31j": "cp932",
    "windows932": "cp932",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "windows936": "gb18030",
    "cp936": "gb18030",
    "big5": "cp950",
    "windows950": "cp950",
    "euckr": "cp949",
    "ksc56011987": "cp949",
    "uhc": "cp949",
    "windows949": "cp949",
    "iso2022jp": "iso2022_jp_2",
    "tis620": "cp874",
    "win1251": "cp1251",
    "utf8sig": "utf-8",
    "utf8bom": "utf-8",
    "unicode": "utf-16",
}


def public_name(codec: str) -> str:
    """The codec as everybody else calls it."""
    return _PUBLIC.get(codec, codec.removesuffix("-sig"))


def codec_named(name: str) -> str | None:
    """The codec that people mean, or None for a name that nobody knows."""
    plain = _plain(name)
    if plain in _ALIASES:
        return _ALIASES[plain]
    by_plain = {_plain(spelling): codec for codec, public in _PUBLIC.items() for spelling in (codec, public)}
    if plain in by_plain:
        return by_plain[plain]
    try:
        known_to_python = _plain(codecs.lookup(name).name) if name.isascii() else ""
    except (LookupError, ValueError):
        return None
    return _ALIASES.get(known_to_python) or by_plain.get(known_to_python)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
