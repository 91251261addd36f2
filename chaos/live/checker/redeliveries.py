"""Counts what came more than once in a run, as seen from outside (pure): a run where nothing did proves
little.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping

from chaos.live.checker.evidence import Evidence
from chaos.live.journal import Answered

EVENT_ID = "ce_id"


def redeliveries(evidence: Evidence) -> Mapping[str, int]:
    answers = [each for each in evidence.history.of(Answered) if each.request_id is not None]
    return {
        "messages told again": _again(
            (message.topic, message.header(EVENT_ID))
            for message in evidence.messages
            if message.mark is None and message.header(EVENT_ID) is not None
        ),
        "posts made again": sum(len(posts) - 1 for posts in evidence.posts.values()),
        "images served again": _again(
            url for url, sent in evidence.sent.items() for each in sent if each.sha256 is not None
        ),
        "uploads answered again": _again(each.name for each in answers),
    }


def _again(things: Iterable[Hashable]) -> int:
    return sum(count - 1 for count in Counter(things).values())
