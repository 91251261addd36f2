"""Webhooks from this machine to a receiver: as Pixmill posts them, in the surroundings of whoever calls."""

from collections.abc import Mapping
from typing import Any

from pixmill.command.telling.exits import CommandFailed, Exit
from pixmill.flows.paths import is_address, without_password

SILENCE_SECONDS = 15  # as long as the real one waits


def require_receiver(url: str) -> None:
    if not is_address(url):
        raise CommandFailed(
            f"{without_password(url)!r} is no address of a receiver.",
            "It is as http://127.0.0.1:9000/.",
            Exit.USAGE,
        )


def posted(receiver: str, body: bytes, headers: Mapping[str, str]) -> Any:
    """What it answers; a redirect is not followed. Raises CommandFailed where no answer comes, and
    PixmillError where the environment shows no way there.
    """
    import httpx  # noqa: PLC0415

    from pixmill.environment import may_take_proxy, read_environment  # noqa: PLC0415
    from pixmill.exchange import FAILURES, reason_of  # noqa: PLC0415

    shown = without_password(receiver)
    with read_environment():
        trusted = httpx.create_ssl_context()
        http = httpx.Client(verify=trusted, trust_env=may_take_proxy(receiver), timeout=SILENCE_SECONDS)
    try:
        with http:
            return http.post(receiver, content=body, headers=headers)
    except httpx.InvalidURL as error:
        raise CommandFailed(f"{shown} is no address: {error}.", "", Exit.USAGE) from error
    except FAILURES as error:
        raise CommandFailed(
            f"{shown} cannot be reached: {reason_of(error)}.", "Does the receiver run?"
        ) from error
