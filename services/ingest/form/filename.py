"""The name under which a file was sent, made harmless (pure)."""

import re
from urllib.parse import unquote_to_bytes

DEFAULT_FILENAME = "upload.csv"
MAX_FILENAME_CHARACTERS = 255

_NAME_ALONE = re.compile(rb"[^\x00-\x1f,;|]+\.(?:csv|tsv|txt|xlsx|xlsm|xlsb|xls|ods)\s*", re.IGNORECASE)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"?')
_IN_OTHER_LETTERS = re.compile(rb";\s*filename\*\s*=\s*(?:utf-8|iso-8859-1)'[^';]*'([^\s;]+)", re.IGNORECASE)
_WITH_PERCENTS = re.compile(rb"[\w.~-]*(?:%[0-9A-F]{2}[\w.~-]*)+")
_MARK_OR_LINE_END = re.compile(rb"%(?:22|0D|0A)")
_NOT_IN_FILENAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def sent_filename(disposition: bytes, plain: bytes | None) -> bytes | None:
    """The one in other letters, where there is one, else `plain`. RFC 7578 allows none such in a form; yet
    .NET sends both, and requests with an older urllib3 that one alone.
    """
    in_other_letters = _IN_OTHER_LETTERS.search(_QUOTED.sub(b'""', disposition))
    if in_other_letters is not None:
        return unquote_to_bytes(in_other_letters[1])
    if plain is not None and _WITH_PERCENTS.fullmatch(plain):  # all that may be escaped is, as of aiohttp
        return unquote_to_bytes(plain)
    # Browsers, curl and our client escape these alone, and leave a per cent sign as it is.
    return plain and _MARK_OR_LINE_END.sub(lambda found: unquote_to_bytes(found[0]), plain)


def clean_filename(sent: bytes) -> str:
    """The last part of the path, without what neither a log nor a database should hold."""
    try:
        name = sent.decode("utf-8")
    except UnicodeDecodeError:
        name = sent.decode("cp1252", "replace")
    name = re.split(r"[/\\]", name)[-1]
    return _NOT_IN_FILENAME.sub("", name).strip()[:MAX_FILENAME_CHARACTERS]


def is_name_alone(content: bytes) -> bool:
    """Whether a file holds nothing but the name of a file: so curl sends it where the @ is left out."""
    return _NAME_ALONE.fullmatch(content) is not None
