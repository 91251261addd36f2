"""Why images failed, and what helps: trying again where that alone may, else whoever can mend it."""

from typing import TYPE_CHECKING

from pixmill.command.telling.output import Output
from pixmill.command.telling.text import many

if TYPE_CHECKING:
    from pixmill.records import Failure, Request

_BLOCKED = "blocked_address"
_WITHOUT_A_TURN = {"expired", "source_missing"}  # then only a retry of all is taken
_BY_WHOM = {
    "uploader": "mend their addresses and upload these rows again: pixmill download {id} --failed failed.csv",
    "origin": "whoever serves these images has to mend it; then {retry}",
    "operator": "tell the operator of Pixmill, with the id {id}",
}


def tell_failures(out: Output, request: "Request") -> None:
    """Each reason with its count, and the page that says more."""
    for each in request.reasons:
        hint = f": {each.hint}" if each.hint else ""
        out.result(f"  {many(each.count, 'image')} failed: {each.code}{hint}")
        if each.help_url:
            out.note(f"    what to do: {each.help_url}")


def tell_ways_on(out: Output, request: "Request") -> None:
    """What can be done about them, by whom."""
    if not request.reasons:
        return
    out.note(f"  each with its reason: pixmill status {request.id} --failed")
    retryable = [each for each in request.reasons if each.retryable]
    if retryable:
        out.note(f"  {_named(request, retryable)}may come the next time: {_retry(request, retryable)}")
    for fixer, way_on in _BY_WHOM.items():
        theirs = [each for each in request.reasons if each.fixer == fixer and not each.retryable]
        if theirs:
            way = way_on.format(id=request.id, retry=_retry(request, theirs))
            out.note(f"  {_named(request, theirs)}{way}")
    if any(each.code == _BLOCKED for each in request.reasons):
        out.note(
            "  an operator lets in an own network by ALLOW_HOSTS, as in: make up ALLOW_HOSTS=127.0.0.0/8"
        )


def _retry(request: "Request", failures: "list[Failure]") -> str:
    """Of these alone, where there are others and each image had its turn."""
    had_turns = not request.counts.cancelled and not any(
        each.code in _WITHOUT_A_TURN for each in request.reasons
    )
    is_part = had_turns and len(failures) < len(request.reasons)
    codes = "".join(f" --code {each.code}" for each in failures) if is_part else ""
    return f"pixmill retry {request.id}{codes}"


def _named(request: "Request", failures: "list[Failure]") -> str:
    """Which of the reasons are meant, where there are others."""
    return "" if len(failures) == len(request.reasons) else f"{', '.join(each.code for each in failures)}: "
