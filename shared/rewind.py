"""`python -m shared.rewind GROUP TOPIC --since TIME`: lets a stopped group read again what came since, as
after a database was restored from a backup. Every handler takes a repeat without harm.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

from shared.broker_access import BrokerSettings
from shared.contract.events import Topic
from shared.contract.groups import TOPICS_OF, Group
from shared.early_stop import end_when_told
from shared.kafka import GroupInUse, rewind
from shared.outcomes import Away
from shared.settings import read_settings


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.topic not in TOPICS_OF[options.group]:
        parser.error(f"{options.group} reads {' and '.join(TOPICS_OF[options.group])}")
    settings = read_settings(BrokerSettings)
    moving = rewind(
        settings.kafka_bootstrap,
        settings.kafka_security(),
        group=options.group,
        topic=options.topic.value,
        since=options.since,
    )
    try:
        messages = asyncio.run(moving)
    except (Away, GroupInUse) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command talks to a person
        return 1
    print(f"{options.group} reads {messages} messages of {options.topic.value} again")  # noqa: T201 - as above
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shared.rewind", description=__doc__)
    parser.add_argument("group", type=Group, choices=list(TOPICS_OF))
    parser.add_argument("topic", type=Topic, choices=list(Topic))
    parser.add_argument("--since", type=_moment, required=True, help="2026-11-21T03:00:00Z")
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a moment looks like 2026-11-21T03:00:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("say which time zone: …Z")
    return moment


if __name__ == "__main__":
    end_when_told()
    sys.exit(main())
