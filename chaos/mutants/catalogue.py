"""What is broken on purpose, one at a time: by which change of the code, under which faults it shows, and
which promise of the live run must break. A test holds that each text is still in the code.

Each mutant meets a fault at the very point of its defect, or a load that is sure to show it: it must not
need luck to be found.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Edit(NamedTuple):
    file: str
    before: str
    after: str


class Mutant(NamedTuple):
    name: str
    edits: Sequence[Edit]
    faults: Sequence[str]  # by their names
    breaks: Sequence[str]  # any of these promises
    rounds: int = 2  # how often each fault strikes
    large_products: int = 40  # in the one large file


SEED = 1
KILLED_UNDER_WAY = ("status at: request taken and long not recorded",)
NEVER_ENDS = ("all work came to its end", "every id that was answered has ended")
NEVER_READY = "everything comes back after a fault"

MUTANTS: Sequence[Mutant] = (
    Mutant(
        "auto-commit is on",
        [Edit("shared/kafka/consumer.py", "enable_auto_commit=False", "enable_auto_commit=True")],
        KILLED_UNDER_WAY,
        NEVER_ENDS,
    ),
    Mutant(
        "the offset is committed before publishing",
        [
            Edit(
                "shared/consuming/work.py",
                "        await self.containment.settle(records)\n        taken.settled(records)\n",
                "        taken.settled(records)\n        await self.containment.settle(records)\n",
            )
        ],
        KILLED_UNDER_WAY,
        NEVER_ENDS,
    ),
    Mutant(
        "ON CONFLICT is removed",
        [Edit("services/status/postgres/sql/requests.sql", "ON CONFLICT (id) DO NOTHING\n", "")],
        ["status at: request recorded"],
        ["dead letters are the poison"],
    ),
    Mutant(
        "a batch is marked sent before its acks",
        [
            Edit(
                "services/status/jobs/publishing.py",
                "    try:\n        await producer.publish(claimed.messages)\n",
                "    await execute(claimed.mark, *claimed.parameters)\n"
                "    try:\n        await producer.publish(claimed.messages)\n",
            )
        ],
        ["status at: ends marked as published"],
        ["every end is told in the same bytes", "every end is posted at least once"],
    ),
    Mutant(
        "the idempotent producer is on",
        [
            Edit("shared/kafka/producer.py", "enable_idempotence=False", "enable_idempotence=True"),
            # A producer that fails for long is replaced, which would mend this too: here it is kept.
            Edit("shared/kafka/producer.py", "now - since > UNANSWERED_SECONDS", "False"),
        ],
        ["kafka ended, away for 60 s"],
        [NEVER_READY, "a key makes one request", "nobody died by itself", *NEVER_ENDS],
        rounds=3,
    ),
    Mutant(
        "losses count as failures",
        [
            Edit(
                "services/status/images/rules.py",
                "    if result.reached_nobody:\n        return _ask_again(image)\n",
                "    if result.reached_nobody:\n"
                "        return image._replace(state=ImageState.FAILED, code=FailureCode.ABANDONED)\n",
            )
        ],
        ["kafka loses the ends of its logs"],
        ["no image failed that its host served"],
        rounds=3,
    ),
    Mutant(
        "the guard moves to a resolver",
        [
            Edit(
                "shared/outbound/client.py",
                "        if is_blocked(address, allow) or not (public or is_allowed(address, allow)):\n"
                "            raise _BlockedError\n",
                "",
            )
        ],
        ["processor killed"],
        ["nobody is called who must not be"],
        large_products=120,  # of their images some are redirected to where nobody may call
    ),
    Mutant(
        "a webhook's retry gets a new id",
        [
            Edit(
                "services/status/webhooks/scheduler.py",
                'webhook_id=row["webhook_id"]',
                'webhook_id=__import__("uuid").uuid4()',
            )
        ],
        ["notifier killed"],
        ["a run is posted under one id in the same bytes"],
    ),
)
