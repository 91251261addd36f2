"""The URL by which a host that has sent pictures shows whether it is away as a whole."""

import pytest

from services.processor.fetching.host_gate import HostGate, Sent
from services.processor.fetching.host_width import HostWidth
from services.processor.fetching.outages import LEAST_IN_A_ROW
from services.processor.verdicts import Failure
from shared.contract.codes import FailureCode, http_code

OLD, LATEST, NEXT = (f"https://shop.example/{name}.jpg" for name in ("old", "latest", "next"))
BAD_GATEWAY, CONNECT_FAILED = Failure(http_code(502)), Failure(FailureCode.CONNECT_FAILED)
TIMED_OUT = Failure(FailureCode.TIMED_OUT)
REFUSED = Failure(http_code(503), retry_after_seconds=0.1)


def known() -> HostGate:
    """The gate of a host that has sent some pictures."""
    gate = HostGate(width=HostWidth(limit=24))
    for url in (*[OLD] * 20, LATEST):
        gate.end(None, Sent(0.0, 1, url), 0.0)
    return gate


def fail_in_a_row(gate: HostGate, failure: Failure, sent_at: float, now: float) -> None:
    for number in range(LEAST_IN_A_ROW):
        gate.end(failure, Sent(sent_at, 1, f"https://shop.example/dead{number}.jpg"), now)


def test_it_is_the_one_that_was_answered_last() -> None:
    """Older ones may be gone meanwhile."""
    gate = known()
    fail_in_a_row(gate, BAD_GATEWAY, 1.0, 1.0)
    assert gate.send(2.0, NEXT).witness == LATEST


def test_one_whose_image_is_dead_never_is() -> None:
    """R18: the next dead ones in a row had shown an outage."""
    gate = known()
    for now in (1.0, 2.0):
        fail_in_a_row(gate, BAD_GATEWAY, now, now)
        sent = gate.send(now, NEXT)
        assert sent.witness == LATEST
        assert gate.end_witness(None, sent, now) is None
        assert gate.end(BAD_GATEWAY, sent, now) == BAD_GATEWAY


@pytest.mark.parametrize(
    "answer", [None, Failure(http_code(404)), Failure(http_code(429), retry_after_seconds=1.0), REFUSED]
)
def test_whatever_its_host_answers_the_host_is_there_and_the_next_image_is_asked_for(
    answer: Failure | None,
) -> None:
    """R09: else that image would fail by what was said of another one."""
    gate = known()
    fail_in_a_row(gate, BAD_GATEWAY, 1.0, 1.0)
    assert gate.end_witness(answer, gate.send(2.0, NEXT), 2.0) is None
    assert gate.send(2.0, NEXT).witness is None


def test_a_host_that_refuses_more_is_not_asked_for_it() -> None:
    gate = known()
    fail_in_a_row(gate, REFUSED, 1.0, 1.0)
    assert gate.send(2.0, NEXT).witness is None


@pytest.mark.parametrize("failure", [BAD_GATEWAY, CONNECT_FAILED])
def test_what_was_sent_before_the_latest_answer_neither_asks_for_it_nor_begins_a_rest(
    failure: Failure,
) -> None:
    gate = known()
    gate.end(None, Sent(1.5, 1, LATEST), 2.0)
    fail_in_a_row(gate, failure, 1.0, 3.0)
    assert gate.refusal(3.0) is None
    assert gate.send(3.0, NEXT).witness is None


@pytest.mark.parametrize("answer", [None, Failure(http_code(404))])
def test_where_it_comes_twice_in_a_row_of_time_outs_these_are_not_for_our_number(
    answer: Failure | None,
) -> None:
    """R18: a row of URLs that hang had its host for one request at a time. A 404 costs a host nothing, so it
    says nothing of that.
    """
    gate = known()
    had = gate.width.allowed
    for now in (100.0, 200.0):
        for number in range(LEAST_IN_A_ROW):
            gate.end(TIMED_OUT, Sent(now + number, int(gate.width.allowed), NEXT), now + 10 + number)
        sent = gate.send(now + 50, NEXT)
        assert sent.witness == LATEST
        assert gate.end_witness(answer, sent, now + 50) is None
    assert (gate.width.allowed == had) == (answer is None)
