"""`pixmill doctor`: each step between here and the server, and what to do about the first that fails."""

import os
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pixmill import __version__
from pixmill.command.session import READ_SECONDS, Session
from pixmill.command.settings import config_file, state_folder
from pixmill.command.telling.exits import Exit
from pixmill.command.telling.output import bad, good
from pixmill.command.telling.text import one_line
from pixmill.command.verbs.doctor.check import Check
from pixmill.command.verbs.doctor.of_kafka import kafka_checks
from pixmill.command.verbs.doctor.of_server import clocks, what_answers
from pixmill.command.verbs.doctor.versions import versions
from pixmill.errors import PixmillError, UnreachableError


def doctor(session: Session) -> int:
    """Look for what is wrong, and say what to do.

    Each step between here and the server: settings, connections, both versions, both clocks, the key, and
    Kafka where PIXMILL_KAFKA is set.
    """
    sick = False
    for check in _checks(session):
        told = {"name": check.name, "well": check.well, "found": check.found, "way_out": check.way_out}
        session.out.data("check", told)
        if not session.out.as_json:
            _tell(session, check)
        sick = sick or not check.well
        if check.needed and not check.well:
            break
    return Exit.REFUSED if sick else Exit.COMPLETED


def _tell(session: Session, check: Check) -> None:
    import typer  # noqa: PLC0415

    typer.echo(good("ok    ") if check.well else bad("fails "), nl=False)
    session.out.result(f"{check.name}: {one_line(check.found)}")
    if check.way_out:
        session.out.result(f"      {check.way_out}")


def _checks(session: Session) -> Iterator[Check]:
    settings = session.settings
    yield Check("pixmill", f"version {__version__}")
    yield _configuration(session)
    yield _folder("what is kept of uploads", state_folder(os.environ))
    yield Check("server", f"{settings.shown_url} ({settings.sources['url']})")
    yield _name(settings.url)
    answers: list[Any] = []
    yield _reached(settings.url, answers)
    yield what_answers(answers[0])
    yield versions(__version__, str(answers[0].json()["info"]["version"]))
    yield clocks(answers[0].headers.get("date"), datetime.now(timezone.utc))
    yield _key(session)
    yield _secret(session)
    if settings.kafka:
        yield from kafka_checks(settings.kafka)


def _configuration(session: Session) -> Check:
    file = config_file(os.environ)
    there = str(file) if file and file.exists() else "no file"
    return Check("configuration", f"{there}, profile {session.settings.profile}")


def _folder(name: str, place: Path | None) -> Check:
    if place is None:
        return Check(
            name,
            "no home folder",
            "Set XDG_STATE_HOME, or a repeat after a cut is a second request.",
            needed=False,
        )
    seen = os.path.exists  # a Path's own ends in an error below a folder that is closed to us
    nearest = next((each for each in (place, *place.parents) if seen(each)), place)
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        return Check(
            name, f"{nearest} cannot be written", "Set XDG_STATE_HOME to a folder of yours.", needed=False
        )
    return Check(name, str(place))


def _name(url: str) -> Check:
    from pixmill.environment import proxy_to  # noqa: PLC0415

    host = str(urlsplit(url).hostname)
    if proxy := proxy_to(url):
        return Check("its name", f"{host} is looked up by the proxy {proxy} of the environment")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return Check(
            "its name", f"{host} is not found: {error}", "Is it spelled rightly, and is there a network?"
        )
    return Check("its name", ", ".join(dict.fromkeys(str(each[4][0]) for each in found)))


def _reached(url: str, answers: list[Any]) -> Check:
    import httpx  # noqa: PLC0415

    from pixmill.command.telling.sentences import how_to_start  # noqa: PLC0415
    from pixmill.environment import may_take_proxy, read_environment  # noqa: PLC0415
    from pixmill.exchange import Address, unreachable  # noqa: PLC0415
    from pixmill.patience import Patience  # noqa: PLC0415

    address = Address(url, None, Patience(), 1)
    try:
        with read_environment():
            trusted = httpx.create_ssl_context()
            http = httpx.Client(verify=trusted, trust_env=may_take_proxy(url), timeout=READ_SECONDS)
        with http, unreachable(address, http):
            answers.append(http.get(address.whole("/openapi.json")))
    except PixmillError as error:
        start = how_to_start(error) if isinstance(error, UnreachableError) else ""
        way_out = start or "Does the server run there, and does a proxy or firewall stand between?"
        return Check("its answer", str(error), way_out)
    return Check("its answer", f"HTTP status {answers[0].status_code}")


def _key(session: Session) -> Check:
    source = session.settings.sources["api_key"]
    let_in = "let in without one" if session.settings.api_key is None else f"let in with that from {source}"
    return _asked("API key", lambda: next(iter(session.client.requests()), None), let_in)


def _secret(session: Session) -> Check:
    return _asked("webhooks", session.client.webhook_secret, "the secret is told")


def _asked(name: str, ask: Callable[[], object], well: str) -> Check:
    from pixmill.command.telling.sentences import sentence_of  # noqa: PLC0415

    try:
        ask()
    except PixmillError as error:
        failed = sentence_of(error)
        return Check(name, str(error), (failed and failed.way_out) or "Ask the operator.", needed=False)
    return Check(name, well)
