"""Everything that can go wrong, as exceptions. The text of each is a sentence to be shown to a person."""

from collections.abc import Mapping, Sequence
from typing import Any

from pixmill.judgements import RowError


class PixmillError(Exception):
    """The base of all of them."""


class UnreachableError(PixmillError):
    """Nobody answered: wrong address, no network, a server that is down, or one that stays silent.

    `may_have_arrived` is false if the connection never stood, so that the server cannot have seen the call.
    `nothing_listens_at` is an address at which a machine is, and no server.
    """

    def __init__(
        self, sentence: str, *, may_have_arrived: bool = True, nothing_listens_at: str | None = None
    ) -> None:
        super().__init__(sentence)
        self.may_have_arrived = may_have_arrived
        self.nothing_listens_at = nothing_listens_at


class RefusedError(PixmillError):
    """The server answered, and its answer was no. Its fields are those of the problem that it sent."""

    def __init__(
        self,
        *,
        status: int,
        problem: Mapping[str, Any],
        retry_after_seconds: float | None = None,
    ) -> None:
        self.status = status
        self.problem = problem
        self.retry_after_seconds = retry_after_seconds
        super().__init__(str(problem.get("error") or f"The server answered with HTTP status {status}."))

    @property
    def kind(self) -> str:
        """The last part of the problem's type: `invalid-csv`; "" where there is none."""
        kind = str(self.problem.get("type") or "")
        return "" if kind == "about:blank" else kind.rsplit("/", 1)[-1]

    @property
    def errors(self) -> Sequence[RowError]:
        """What is wrong with each row of an upload, at most 1,000 of `errors_total`."""
        found = self.problem.get("errors")  # a problem of another server may have a text there
        listed = found if isinstance(found, Sequence) else ()
        return [RowError.from_json(each) for each in listed if isinstance(each, Mapping)]

    @property
    def errors_total(self) -> int:
        total = self.problem.get("errors_total")
        return total if isinstance(total, int) else 0

    @property
    def x_request_id(self) -> str | None:
        """What the operator finds the call by in the logs."""
        return self.problem.get("x_request_id")


class InvalidRequestError(RefusedError):
    """400, 415 or 422: the file or a value is wrong; see `errors`."""


class UnauthorizedError(RefusedError):
    """401 or 403: the API key is missing, wrong or not allowed to do this."""


class NotFoundError(RefusedError):
    """404: no such request, or an output that does not exist yet."""


class ConflictError(RefusedError):
    """409: it makes no sense in the state that the request is in."""


class TooLargeError(RefusedError):
    """413: beyond a limit, which the problem names."""


class RateLimitedError(RefusedError):
    """429: too much at once; `retry_after_seconds` says when to come back."""


class UnavailableError(RefusedError):
    """408 or 5xx: the server cannot do it now."""


class StillRunningError(PixmillError):
    """The time that was given to `wait` is over and the request goes on; `request` is how it stands."""

    def __init__(self, request: Any) -> None:
        super().__init__(f"Request {request.id} is still {request.state} at {request.progress:g} %.")
        self.request = request


class NotPixmillError(PixmillError):
    """What answers at the address says what Pixmill never says: another server, or a page before it."""


class DamagedFileError(PixmillError):
    """What was downloaded is not what its sha256 says; nothing was kept under its name."""


class ForgedWebhookError(PixmillError):
    """A webhook that is not genuine or not fresh: answer it with 401 and do nothing else."""


_BY_STATUS: Mapping[int, type[RefusedError]] = {
    400: InvalidRequestError,
    401: UnauthorizedError,
    403: UnauthorizedError,
    404: NotFoundError,
    408: UnavailableError,
    409: ConflictError,
    413: TooLargeError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitedError,
}
_FIRST_OF_THE_SERVER = 500


def refusal(status: int, problem: Mapping[str, Any], retry_after_seconds: float | None) -> RefusedError:
    """The exception for an answer that is an error."""
    otherwise = UnavailableError if status >= _FIRST_OF_THE_SERVER else RefusedError
    kind = _BY_STATUS.get(status, otherwise)
    return kind(status=status, problem=problem, retry_after_seconds=retry_after_seconds)
