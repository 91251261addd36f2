"""What the server says of a code with which images fail: who can mend it, and whether a retry may (pure)."""

import re

_UPLOADER = {"blocked_address", "too_large", "too_many_pixels", "not_an_image", "unsupported_format"}
_ORIGIN = {
    *("dns_failed", "connect_failed", "tls_failed", "connection_lost", "too_many_redirects"),
    *("timed_out", "too_slow", "damaged"),
}
_OPERATOR = {
    *("crashed_decoder", "verification_failed", "store_refused"),
    *("abandoned", "expired", "source_missing", "internal"),
}
_RETRYABLE = re.compile(
    "dns_failed|connect_failed|connection_lost|timed_out|too_slow|store_refused|http_(?:408|425|429|[05-9]..)"
)


def is_known(code: str) -> bool:
    """Whether the real server has it."""
    return code in _UPLOADER | _ORIGIN | _OPERATOR or re.fullmatch(r"http_[0-9]{3}", code) is not None


def fixer_of(code: str) -> str:
    return "uploader" if code in _UPLOADER else "operator" if code in _OPERATOR else "origin"


def is_retryable(code: str) -> bool:
    return _RETRYABLE.fullmatch(code) is not None


def hint_of(code: str) -> str:
    return f"The fake server was told to fail it: {code}."
