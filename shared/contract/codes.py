"""The closed list of reasons for which an image can fail: what each means, who can fix it, and whether
trying again makes sense. `http_NNN` stands for any final HTTP status but 200.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus


class Fixer(StrEnum):
    UPLOADER = "uploader"
    ORIGIN = "origin"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class FailureCode:
    code: str
    fixer: Fixer
    hint: str
    retryable: bool = False


_RETRYABLE_HTTP = frozenset({408, 425, 429})
_HTTP_CODE = re.compile(r"http_(\d{3})", re.ASCII)

FAILURE_CODES: Mapping[str, FailureCode] = {
    entry.code: entry
    for entry in (
        FailureCode(
            "blocked_address", Fixer.UPLOADER, "The URL leads to an address outside the public internet."
        ),
        FailureCode("dns_failed", Fixer.ORIGIN, "The host name could not be resolved.", retryable=True),
        FailureCode("connect_failed", Fixer.ORIGIN, "The host did not accept a connection.", retryable=True),
        FailureCode("tls_failed", Fixer.ORIGIN, "The host's certificate or TLS set-up is not valid."),
        FailureCode(
            "connection_lost", Fixer.ORIGIN, "The host broke off or garbled its answer.", retryable=True
        ),
        FailureCode("too_many_redirects", Fixer.ORIGIN, "The URL redirects more than three times."),
        FailureCode("timed_out", Fixer.ORIGIN, "The host did not answer in time.", retryable=True),
        FailureCode("too_slow", Fixer.ORIGIN, "The host sent the image too slowly.", retryable=True),
        FailureCode("too_large", Fixer.UPLOADER, "The file is larger than the limit."),
        FailureCode("too_many_pixels", Fixer.UPLOADER, "The image has more pixels than the limit."),
        FailureCode("not_an_image", Fixer.UPLOADER, "The URL does not answer with an image."),
        FailureCode("unsupported_format", Fixer.UPLOADER, "Images of this format are not supported."),
        FailureCode("damaged", Fixer.ORIGIN, "The image file is truncated or broken."),
        FailureCode("crashed_decoder", Fixer.OPERATOR, "Decoding the image crashed or overran its limits."),
        FailureCode("store_refused", Fixer.OPERATOR, "The object store refused the file.", retryable=True),
        FailureCode("abandoned", Fixer.OPERATOR, "The image was handed out five times and never came back."),
        FailureCode("expired", Fixer.OPERATOR, "The request's deadline passed before the image's turn came."),
        FailureCode("source_missing", Fixer.OPERATOR, "The uploaded file is no longer in the object store."),
        FailureCode(
            "internal", Fixer.OPERATOR, "Pixmill failed on this image; the operator has been alerted."
        ),
    )
}


def failure_code(code: str) -> FailureCode:
    """Looks up one code of the list; raises KeyError for anything else."""
    match = _HTTP_CODE.fullmatch(code)
    if match is None:
        return FAILURE_CODES[code]
    status = int(match[1])
    # A status that HTTP does not have counts as one of the 5xx (RFC 9110, section 15).
    is_their_request = HTTPStatus.CONTINUE <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    retryable = status in _RETRYABLE_HTTP or not is_their_request
    return FailureCode(code, Fixer.ORIGIN, f"The host answered with HTTP status {status}.", retryable)
