"""`python -m shared.dead_letters list|show|redrive|discard|resume`: what an operator does with messages that
could not be handled, and with a consumer group that stopped because there were too many of them.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from itertools import takewhile

from shared.broker_access import BrokerSettings
from shared.consuming.broker import Record
from shared.consuming.dead_letter import LEFT_OUT_HEADER
from shared.contract.events import Topic
from shared.contract.groups import TOPICS_OF, Group
from shared.early_stop import end_when_told
from shared.kafka import KafkaPauseMemory
from shared.kafka.letters import DeadLetters
from shared.outcomes import Away
from shared.settings import read_settings

SHOWN_CHARACTERS = 2_000


class NoLetter(Exception):  # noqa: N818 - an answer to a person
    """There is none at the offset that was asked for."""


class NotRemoved(Exception):  # noqa: N818 - as above
    """They were sent back, and lie there all the same."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "resume" and options.topic is not TOPICS_OF[options.group][0]:
        parser.error(f"{options.group} goes on by its topic {TOPICS_OF[options.group][0]}")
    settings = read_settings(BrokerSettings)
    try:
        lines = asyncio.run(_answer(options, settings))
    except (Away, NoLetter, NotRemoved) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command talks to a person
        return 1
    tell(lines)
    return 0


def tell(lines: Sequence[str]) -> None:
    """As far as somebody reads: `show` may have thousands of lines, and `head` takes ten."""
    try:
        print(*lines, sep="\n", end="\n" if lines else "", flush=True)  # noqa: T201 - as above
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left goes there


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shared.dead_letters", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="how many dead letters each topic has")
    show = commands.add_parser("show", help="the dead letters of one topic")
    show.add_argument("topic", type=Topic, choices=list(Topic))
    redrive = commands.add_parser("redrive", help="send dead letters back to their topic, all or one")
    redrive.add_argument("topic", type=Topic, choices=list(Topic))
    redrive.add_argument("--offset", type=int, help="only the dead letter with this offset")
    discard = commands.add_parser("discard", help="remove dead letters that nobody needs, for good")
    discard.add_argument("topic", type=Topic, choices=list(Topic))
    discard.add_argument(
        "--through", type=int, help="up to the letter with this offset; without it nothing is removed"
    )
    resume = commands.add_parser("resume", help="let a paused consumer group go on")
    resume.add_argument("group", type=Group, choices=list(TOPICS_OF))
    resume.add_argument("topic", type=Topic, choices=list(Topic), help="the (first) topic the group reads")
    return parser


async def _answer(options: argparse.Namespace, settings: BrokerSettings) -> Sequence[str]:
    def letters(topic: Topic) -> DeadLetters:
        return DeadLetters(settings.kafka_bootstrap, topic, settings.kafka_security())

    match options.command:
        case "list":
            return [f"{topic.dead_letters} {len(await letters(topic).read())}" for topic in Topic]
        case "show":
            return [_described(letter) for letter in await letters(options.topic).read()]
        case "redrive":
            return await _redrive(letters(options.topic), options.offset)
        case "discard":
            return await _discard(letters(options.topic), options.through)
        case _:
            security = settings.kafka_security()
            await KafkaPauseMemory(settings.kafka_bootstrap, options.group, options.topic, security).clear()
            return [f"{options.group} goes on within seconds"]


async def _redrive(dead_letters: DeadLetters, offset: int | None) -> Sequence[str]:
    lying = await dead_letters.read()
    letters = [letter for letter in lying if offset is None or letter.offset == offset]
    if offset is not None and not letters:
        raise _no_letter(dead_letters, offset)
    whole = [letter for letter in letters if LEFT_OUT_HEADER not in dict(letter.headers)]
    await dead_letters.redrive(whole)
    told = [f"sent {_counted(len(whole), 'message')} back to {dead_letters.topic}"]
    if left_out := len(letters) - len(whole):
        too_large = _counted(left_out, "more message")
        told.append(f"too large for a letter: {too_large}; `show` says where in the topic")
    sent = {letter.offset for letter in whole}
    first = list(takewhile(lambda letter: letter.offset in sent, lying))
    if first:
        await _remove_sent(dead_letters, first[-1].offset, told[0])
    if len(first) < len(whole):
        staying = _counted(len(whole) - len(first), "letter")
        where = dead_letters.topic.dead_letters
        told.append(f"kept behind one that was not sent: {staying} in {where}")
    return told


async def _remove_sent(dead_letters: DeadLetters, last: int, told: str) -> None:
    """One that died again is a new letter: with the former kept, each try would send twice as many."""
    try:
        await dead_letters.remove_before(last + 1)
    except Away as error:
        raise NotRemoved(f"{told}; their letters could not be removed: {error}") from error


async def _discard(dead_letters: DeadLetters, through: int | None) -> Sequence[str]:
    lying, where = await dead_letters.read(), dead_letters.topic.dead_letters
    if through is None:
        if not lying:
            return [f"{where} has no letters"]
        last = lying[-1].offset
        return [f"would remove {_counted(len(lying), 'letter')} from {where}: say --through {last}"]
    if through not in {letter.offset for letter in lying}:
        raise _no_letter(dead_letters, through)
    await dead_letters.remove_before(through + 1)
    removed = sum(letter.offset <= through for letter in lying)
    return [f"removed {_counted(removed, 'letter')} from {where}"]


def _no_letter(dead_letters: DeadLetters, offset: int) -> NoLetter:
    return NoLetter(f"{dead_letters.topic.dead_letters} has no letter with offset {offset}")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _described(letter: Record) -> str:
    headers = {name: _shown(value) for name, value in letter.headers}
    headers.pop("pixmill_target", None)
    return json.dumps({"offset": letter.offset, **headers, "value": _shown(letter.value)})


def _shown(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")[:SHOWN_CHARACTERS]


if __name__ == "__main__":
    end_when_told()
    sys.exit(main())
