"""The name under which a file was sent, made harmless (pure)."""

import re

DEFAULT_FILENAME = "upload.csv"
MAX_FILENAME_CHARACTERS = 255

_NOT_IN_FILENAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def clean_filename(sent: bytes) -> str:
    """The last part of the path, without what neither a log nor a database should hold."""
    try:
        name = sent.decode("utf-8")
    except UnicodeDecodeError:
        name = sent.decode("cp1252", "replace")
    name = re.split(r"[/\\]", name)[-1]
    return _NOT_IN_FILENAME.sub("", name).strip()[:MAX_FILENAME_CHARACTERS]
