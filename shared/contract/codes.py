"""The closed list of reasons for which an image can fail: what each means, who can fix it, and whether
trying again makes sense. A new one is a line in `FailureCode` and its meaning below.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import assert_never


class FailureCode(StrEnum):
    BLOCKED_ADDRESS = "blocked_address"
    DNS_FAILED = "dns_failed"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    CONNECTION_LOST = "connection_lost"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TIMED_OUT = "timed_out"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    DAMAGED = "damaged"
    CRASHED_DECODER = "crashed_decoder"
    VERIFICATION_FAILED = "verification_failed"
    STORE_REFUSED = "store_refused"
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    SOURCE_MISSING = "source_missing"
    INTERNAL = "internal"


class HttpCode(str):
    """`http_NNN`: any final HTTP status but 200. Made by `http_code`."""

    __slots__ = ()

    @property
    def status(self) -> int:
        return int(self.removeprefix("http_"))


Code = FailureCode | HttpCode


class Fixer(StrEnum):
    UPLOADER = "uploader"
    ORIGIN = "origin"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Meaning:
    fixer: Fixer
    hint: str
    retryable: bool = False


_MEANINGS: Mapping[FailureCode, Meaning] = {
    FailureCode.BLOCKED_ADDRESS: Meaning(
        Fixer.UPLOADER, "The URL leads to an address outside the public internet."
    ),
    FailureCode.DNS_FAILED: Meaning(Fixer.ORIGIN, "The host name could not be resolved.", retryable=True),
    FailureCode.CONNECT_FAILED: Meaning(
        Fixer.ORIGIN, "The host did not accept a connection.", retryable=True
    ),
    FailureCode.TLS_FAILED: Meaning(Fixer.ORIGIN, "The host's certificate or TLS set-up is not valid."),
    FailureCode.CONNECTION_LOST: Meaning(
        Fixer.ORIGIN, "The host broke off or garbled its answer.", retryable=True
    ),
    FailureCode.TOO_MANY_REDIRECTS: Meaning(Fixer.ORIGIN, "The URL redirects more than three times."),
    FailureCode.TIMED_OUT: Meaning(Fixer.ORIGIN, "The host did not answer in time.", retryable=True),
    FailureCode.TOO_SLOW: Meaning(Fixer.ORIGIN, "The host sent the image too slowly.", retryable=True),
    FailureCode.TOO_LARGE: Meaning(Fixer.UPLOADER, "The file is larger than the limit."),
    FailureCode.TOO_MANY_PIXELS: Meaning(
        Fixer.UPLOADER,
        "The image has more pixels or frames than the limit, or a side that is too long for its new format.",
    ),
    FailureCode.NOT_AN_IMAGE: Meaning(Fixer.UPLOADER, "The URL does not answer with an image."),
    FailureCode.UNSUPPORTED_FORMAT: Meaning(Fixer.UPLOADER, "Images of this format are not supported."),
    FailureCode.DAMAGED: Meaning(Fixer.ORIGIN, "The image file is truncated or broken."),
    FailureCode.CRASHED_DECODER: Meaning(Fixer.OPERATOR, "Decoding the image crashed or overran its limits."),
    FailureCode.VERIFICATION_FAILED: Meaning(
        Fixer.OPERATOR, "The image as Pixmill made it looked different; the original is kept as it came."
    ),
    FailureCode.STORE_REFUSED: Meaning(Fixer.OPERATOR, "The object store refused the file.", retryable=True),
    FailureCode.ABANDONED: Meaning(
        Fixer.OPERATOR, "The image was handed out five times and never came back."
    ),
    FailureCode.EXPIRED: Meaning(
        Fixer.OPERATOR, "The request's deadline passed before the image's turn came."
    ),
    FailureCode.SOURCE_MISSING: Meaning(
        Fixer.OPERATOR, "The uploaded file is no longer in the object store."
    ),
    FailureCode.INTERNAL: Meaning(
        Fixer.OPERATOR, "Pixmill failed on this image; the operator has been alerted."
    ),
}

BREAKS_OFF = "it breaks off"  # how the detail of a picture that is cut begins; it goes on to say where
CHANGED_AS_TEXT = "its bytes were changed as if they were text"
# They name the format, the limit, or what is there in place of an image.
_DETAILS_FOR_PEOPLE = frozenset(
    {
        FailureCode.UNSUPPORTED_FORMAT,
        FailureCode.TOO_LARGE,
        FailureCode.TOO_MANY_PIXELS,
        FailureCode.NOT_AN_IMAGE,
    }
)

_RETRYABLE_HTTP = frozenset({408, 425, 429})
_HTTP_CODE = re.compile(r"http_(\d{3})", re.ASCII)


def http_code(status: int) -> HttpCode:
    return HttpCode(f"http_{status:03}")


def named_code(text: str) -> Code | None:
    match = _HTTP_CODE.fullmatch(text)
    if match is not None:
        return http_code(int(match[1]))
    return next((code for code in FailureCode if code == text), None)


def known_code(text: str) -> Code:
    """The code that this text names. What is not on the list is a mistake of ours and reads `internal`."""
    return named_code(text) or FailureCode.INTERNAL


def meaning_of(code: Code) -> Meaning:
    match code:
        case FailureCode():
            return _MEANINGS[code]
        case HttpCode():
            return _meaning_of_http(code.status)
        case _:
            assert_never(code)


def hint_of(code: Code, detail: str | None) -> str:
    """What a person is told, with the detail where it is written for people and says more."""
    hint = meaning_of(code).hint
    if detail is None or not (
        code in _DETAILS_FOR_PEOPLE or detail.startswith((BREAKS_OFF, CHANGED_AS_TEXT))
    ):
        return hint
    return f"{hint.removesuffix('.')}: {detail}."


def _meaning_of_http(status: int) -> Meaning:
    # A status that HTTP does not have counts as one of the 5xx (RFC 9110, section 15).
    is_their_request = HTTPStatus.CONTINUE <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return Meaning(
        Fixer.ORIGIN,
        f"The host answered with HTTP status {status}.",
        retryable=status in _RETRYABLE_HTTP or not is_their_request,
    )
