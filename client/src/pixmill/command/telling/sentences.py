"""Each error as one sentence and a way out."""

import errno
from collections.abc import Mapping
from urllib.parse import urlsplit

from pixmill.command.telling.exits import CommandFailed
from pixmill.command.telling.rows import can_be_marked, which_columns
from pixmill.errors import (
    ConflictError,
    ForgedWebhookError,
    InvalidRequestError,
    NotFoundError,
    NotPixmillError,
    PixmillError,
    RateLimitedError,
    RefusedError,
    StillRunningError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)

_REACH = "Is the address right (--url, PIXMILL_URL)? `pixmill doctor` looks at each step to it."
_START = "`make up` in Pixmill's folder starts a server; --url or PIXMILL_URL name one that runs elsewhere."
_HERE = {"127.0.0.1", "localhost", "::1"}
_WAYS_OUT: Mapping[type[Exception], str] = {
    UnreachableError: _REACH,
    NotPixmillError: _REACH,
    UnauthorizedError: "`pixmill login` keeps a key for this server; PIXMILL_API_KEY gives one for now.",
    InvalidRequestError: "`pixmill validate FILE --fix marked.csv` writes each error beside its row.",
    NotFoundError: "`pixmill list` shows the requests that there are; one that was deleted, or whose time"
    " is over, is gone with its images.",
    ConflictError: "`pixmill status ID` shows how it stands.",
    TooLargeError: "Split the file into several and upload each.",
    RateLimitedError: "Try again later; with an upload the same command goes on with the same request.",
    UnavailableError: "Try again in a moment; with an upload the same command goes on with the same request.",
    StillRunningError: "It goes on; `pixmill watch ID` looks at it again.",
    ForgedWebhookError: "",
}


def sentence_of(error: BaseException) -> CommandFailed | None:
    """None for what is a bug."""
    if isinstance(error, CommandFailed):
        return error
    if isinstance(error, PixmillError):
        return CommandFailed(str(error), _way_out(error))
    if isinstance(error, OSError):
        return of_the_system(error)
    return None


def _way_out(error: PixmillError) -> str:
    if isinstance(error, RefusedError) and not error.problem.get("type"):
        return _REACH  # it does not come from Pixmill
    if isinstance(error, NotFoundError) and _is_of_the_address(error):
        return _REACH
    if isinstance(error, InvalidRequestError) and not can_be_marked(error):
        return which_columns(error)
    if isinstance(error, UnreachableError) and (start := how_to_start(error)):
        return start
    if isinstance(error, RateLimitedError) and error.retry_after_seconds:
        return f"Try again in {error.retry_after_seconds:.0f} s."
    return next((text for kind, text in _WAYS_OUT.items() if isinstance(error, kind)), "")


def _is_of_the_address(error: NotFoundError) -> bool:
    """Nothing at all is there, as where the server's address has a path too many: that has a title alone."""
    return not error.kind or str(error) == error.problem.get("title")


def how_to_start(error: UnreachableError) -> str:
    """Where nothing listens on this machine."""
    return _START if urlsplit(error.nothing_listens_at or "").hostname in _HERE else ""


def of_the_system(error: OSError) -> CommandFailed:
    what = error.strerror or str(error)
    sentence = f"{error.filename}: {what}." if error.filename else f"{what}."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CommandFailed(
            sentence, "Make room and run the same command again: what is there already is kept."
        )
    return CommandFailed(sentence)
