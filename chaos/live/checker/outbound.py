"""Promises about the way out: nobody is called in a network that is not allowed (pure)."""

from collections.abc import Iterator

from chaos.live.checker.evidence import Evidence
from chaos.live.journal import Trespassed


def nobody_is_called_who_must_not_be(evidence: Evidence) -> Iterator[str]:
    for call in evidence.history.of(Trespassed):
        yield f"somebody came by a redirect to {call.path}"
