"""Promises about topics: what was put aside is what was poisoned, and nothing is left unread (pure)."""

from collections.abc import Iterator

from chaos.live.checker.evidence import Evidence, Message

DEAD_LETTERS = ".dlq"


def dead_letters_are_the_poison(evidence: Evidence) -> Iterator[str]:
    letters = [message for message in evidence.messages if message.topic.endswith(DEAD_LETTERS)]
    marks = {message.place: message.mark for message in evidence.messages}
    put_aside = set()
    for letter in letters:
        origin = _origin(letter)
        poison = origin[0], letter.mark or marks.get(origin)
        put_aside.add(poison)
        if poison not in evidence.poison:
            why = letter.header("dlq_error_type"), letter.header("dlq_error")
            yield f"{origin} was put aside and is no poison: {why}"
    for topic, mark in sorted(evidence.poison - put_aside):
        yield f"{mark} on {topic} is poison, and it was not put aside"


def _origin(letter: Message) -> tuple[str, int, int]:
    """Where it was read. A notice of what was too large for a letter has nothing else of it."""
    return (
        letter.topic.removesuffix(DEAD_LETTERS),
        int(letter.header("dlq_partition") or 0),
        int(letter.header("dlq_offset") or 0),
    )


def nothing_is_left_unread(evidence: Evidence) -> Iterator[str]:
    for reader, lag in evidence.lag.items():
        if lag:
            yield f"{reader} has {lag} messages left"
