"""What the end of a request says of its host as a whole (pure): that it refuses, that it has too much to do,
that it may be away, or that all is well.
"""

from collections.abc import Mapping

from services.processor.verdicts import Failure
from shared.contract.codes import Code, FailureCode, HttpCode, http_code

TOO_MANY_REQUESTS, UNAVAILABLE = http_code(429), http_code(503)
SERVER_ERROR = 500
OVERLOADED: frozenset[Code] = frozenset({TOO_MANY_REQUESTS, UNAVAILABLE})
SLOWED: frozenset[Code] = frozenset({FailureCode.TIMED_OUT, FailureCode.TOO_SLOW})
# How a host, or who stands before it, ends what is too much. A 500 is the trouble of one URL more often.
CUT_OFF: frozenset[Code] = frozenset(
    {
        FailureCode.CONNECT_FAILED,
        FailureCode.CONNECTION_LOST,
        *map(http_code, (502, 503, 504, 508, 520, 521, 522, 524)),
    }
)
# Failures of the whole host, never of one URL alone, and how long it is left alone after some in a row: less
# long where asking in vain costs nothing.
AWAY_REST_SECONDS: Mapping[Code, float] = {
    FailureCode.TIMED_OUT: 30.0,
    FailureCode.CONNECT_FAILED: 15.0,
    FailureCode.DNS_FAILED: 15.0,
}
OTHER_REST_SECONDS = 15.0  # of a host whose outage shows by anything else


def is_refusal(failure: Failure) -> bool:
    """Whether the host takes more requests later. A 503 that does not say so may be anything."""
    if failure.code == UNAVAILABLE:
        return failure.retry_after_seconds is not None
    return failure.code == TOO_MANY_REQUESTS


def may_be_away(failure: Failure) -> bool:
    """Whether the host as a whole may not be there: with a proxy before it, it answers by a 5xx."""
    code = failure.code
    if isinstance(code, HttpCode):
        return code.status >= SERVER_ERROR and not is_refusal(failure)
    return code in AWAY_REST_SECONDS or code is FailureCode.CONNECTION_LOST


def is_no(code: Code) -> bool:
    """As a 404. A 5xx may be said by a host that has too much to do."""
    return isinstance(code, HttpCode) and code.status < SERVER_ERROR and code != TOO_MANY_REQUESTS


def is_ordinary_answer(code: Code | None) -> bool:
    """Whether the host works as on any other day; a 404 is such an answer, too."""
    if code is None or code is FailureCode.TOO_LARGE:
        return True
    return isinstance(code, HttpCode) and code not in OVERLOADED
