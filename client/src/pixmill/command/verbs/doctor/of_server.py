"""What the doctor makes of the server's first answer: is it Pixmill, and does its clock go right (pure)."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from pixmill.command.verbs.doctor.check import Check
from pixmill.flows.calling import moment_of
from pixmill.records import NOT_SO

MOST_SECONDS_APART = 120  # a webhook is refused at 300


def what_answers(answer: Any) -> Check:
    """`answer` is what httpx got for /openapi.json."""
    if answer.has_redirect_location:
        elsewhere = answer.headers["location"].removesuffix("/openapi.json")
        return _other(f"it sends on to {elsewhere}", "Give that as the address, if it is yours.")
    content = _json_of(answer)
    try:
        return _well(f"{content['info']['title']}, version {content['info']['version']}")
    except (KeyError, TypeError):
        pass
    if isinstance(content, dict) and content.get("error") and answer.status_code != HTTPStatus.NOT_FOUND:
        return _other(str(content["error"]), "Try again in a moment; if it stays so, tell the operator.")
    return _other("not Pixmill", "Is it the address of Pixmill's gateway, without a path behind it?")


def clocks(date: "str | None", now: datetime) -> Check:
    """By the server's Date, which has whole seconds."""
    theirs = moment_of(date or "")
    if theirs is None:
        return Check("clocks", "the server does not say its time")
    apart = (now - theirs).total_seconds()
    if abs(apart) <= MOST_SECONDS_APART:
        return Check("clocks", "together")
    order = "ahead of" if apart > 0 else "behind"
    return Check(
        "clocks",
        f"this machine's is {abs(apart):,.0f} s {order} the server's",
        "Set both by NTP: a webhook more than 300 s from its receiver's clock is refused.",
        needed=False,
    )


def _json_of(answer: Any) -> Any:
    try:
        return answer.json()
    except NOT_SO:
        return None


def _well(found: str) -> Check:
    return Check("what answers", found)


def _other(found: str, way_out: str) -> Check:
    return Check("what answers", found, way_out)
