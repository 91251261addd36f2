"""Names of products as shops write them, in many languages, and the encodings their spreadsheets save.

The costs in `letters.txt` were not counted over these words.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

_LINES = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()

WORDS: Mapping[str, Sequence[str]] = {
    language: words.split(", ") for language, words in (line.split(": ") for line in _LINES)
}
_WESTERN = ("German", "French", "Spanish", "Portuguese", "Italian", "Swedish", "Danish", "Finnish")
SAVED_AS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(_WESTERN, ("cp1252", "mac_roman", "cp850")),
    **dict.fromkeys(("German", "French", "Italian"), ("cp1252", "mac_roman", "cp850", "cp437")),
    **dict.fromkeys(("Polish", "Czech", "Slovak", "Hungarian", "Croatian"), ("cp1250", "iso8859_2", "cp852")),
    "Icelandic": ("cp1252", "cp850"),
    "Romanian": ("cp1250", "iso8859_2"),
    "Turkish": ("cp1254",),
    "Lithuanian": ("cp1257",),
    "Russian": ("cp1251", "koi8_r", "cp866", "mac_cyrillic"),
    "Ukrainian": ("cp1251", "koi8_u"),
    "Bulgarian": ("cp1251",),
    "Greek": ("cp1253", "iso8859_7"),
    "Hebrew": ("cp1255",),
    "Arabic": ("cp1256",),
    "Japanese": ("cp932", "euc_jp"),
    "Chinese": ("gb18030", "gbk"),
    "Traditional Chinese": ("big5",),
    "Korean": ("euc_kr", "cp949"),
}
