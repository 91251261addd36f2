"""`python -m shared.rights` lists what each service, the operator and a tap may do at the broker, as
topics/*.toml implies it; `… grant` grants exactly that. One principal a service: User:ingest, User:status, …
"""

import argparse
import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence

from shared.broker_access import BrokerSettings
from shared.contract.groups import STATUS_PREFIX, Group
from shared.contract.principals import Principal
from shared.contract.topic_declarations import Declaration, read_declarations
from shared.early_stop import end_when_told
from shared.kafka.rights import Kind, NothingToGrant, Operation, Right, grant
from shared.outcomes import Away
from shared.settings import read_settings

# Ingest looks at the queue in front of status; status counts the processors, and asks what is left for them
# and for the notifier.
ONLOOKERS = (
    (Principal.INGEST, Group.STATUS_CSV_ACCEPTED),
    (Principal.STATUS, Group.PROCESSOR),
    (Principal.STATUS, Group.NOTIFIER),
)
# Prefixes, because GROUP.paused is a group as well, and status has a group per topic.
GROUPS = {
    Principal.STATUS: STATUS_PREFIX,
    Principal.PROCESSOR: Group.PROCESSOR,
    Principal.NOTIFIER: Group.NOTIFIER,
    Principal.TAP: Group.TAP,
}

NO_AUTHORIZER = (
    "the broker asks nobody for rights, so everybody may do everything there: give it an authorizer first"
    " (authorizer.class.name)"
)


def rights() -> Sequence[Right]:
    """The least that each of them needs."""
    declarations = list(read_declarations().values())
    return sorted({right for each in declarations for right in _rights(each)} | set(_group_rights()))


def table() -> Sequence[str]:
    """The same for people, as a Markdown table: one row for each principal and set of operations."""
    operations: dict[tuple[str, Kind, str], list[str]] = defaultdict(list)
    for right in rights():
        operations[right.principal, right.kind, right.pattern].append(right.operation)
    patterns: dict[tuple[str, Kind, str], list[str]] = defaultdict(list)
    for (principal, kind, pattern), allowed in operations.items():
        patterns[principal, kind, ", ".join(allowed)].append(f"`{pattern}`")
    rows = [
        f"| {who} | {what} | {kind} | {', '.join(on)} |" for (who, kind, what), on in sorted(patterns.items())
    ]
    return ["| principal | may | kind | on |", "|---|---|---|---|", *rows]


def _rights(declaration: Declaration) -> Iterator[Right]:
    topic = declaration.topic
    yield _on(declaration.owner, Operation.WRITE, topic)
    for reader in declaration.readers:
        yield _on(reader, Operation.READ, topic)
        if reader is not Principal.TAP:
            yield _on(reader, Operation.WRITE, topic.dead_letters)
    for operation in (Operation.CREATE, Operation.DESCRIBE_CONFIGS, Operation.READ, Operation.WRITE):
        yield _on(Principal.OPERATOR, operation, topic)
        yield _on(Principal.OPERATOR, operation, topic.dead_letters)
    yield _on(Principal.OPERATOR, Operation.DELETE, topic.dead_letters)


def _group_rights() -> Iterator[Right]:
    for onlooker, group in ONLOOKERS:
        yield Right(onlooker, Operation.DESCRIBE, Kind.GROUP, group)
    for principal, prefix in GROUPS.items():
        yield Right(principal, Operation.READ, Kind.GROUP, prefix, is_prefix=True)
        if principal is not Principal.TAP:
            yield Right(Principal.OPERATOR, Operation.READ, Kind.GROUP, prefix, is_prefix=True)


def _on(principal: Principal, operation: Operation, topic: str) -> Right:
    return Right(principal, operation, Kind.TOPIC, str(topic))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.rights", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["list", "grant"], default="list")
    if parser.parse_args(arguments).command == "list":
        print("\n".join(table()))  # noqa: T201 - a command talks to a person
        return 0
    settings = read_settings(BrokerSettings)
    try:
        asyncio.run(grant(settings.kafka_bootstrap, rights(), settings.kafka_security()))
    except Away as error:
        print(error, file=sys.stderr)  # noqa: T201 - as above
        return 1
    except NothingToGrant:
        print(NO_AUTHORIZER, file=sys.stderr)  # noqa: T201 - as above
        return 1
    return 0


if __name__ == "__main__":
    end_when_told()
    sys.exit(main())
