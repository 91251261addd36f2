"""A host that has sent pictures and answers nobody any more: what shows that it is away as a whole, and what
becomes of those who would ask it meanwhile.
"""

import asyncio

import pytest

from services.processor.fetching.host_codes import AWAY_REST_SECONDS, OTHER_REST_SECONDS
from services.processor.fetching.host_gates import HostGates
from services.processor.fetching.outages import LEAST_IN_A_ROW, PATIENCE_SECONDS, Outage, Told
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import Code, FailureCode, http_code
from shared.testing.fakes import FakeClock
from tests.worlds.hosts.visits import SHOP, TIMED_OUT, UNDER_WAY, come_to_rest, visit

URL = "https://shop.example/known.jpg"
BAD_GATEWAY = Failure(http_code(502))
LONGEST = 1.5  # times the rest, at most
AWAY_CODES: list[Code] = [
    *AWAY_REST_SECONDS,
    FailureCode.CONNECTION_LOST,
    *map(http_code, (500, 502, 503, 504, 522)),
]


def outage(*, answered: int = 60, bad: int = 0, new: int = 0, old: int = 0) -> Outage:
    """Of a host of which so many new images were answered and some before each were not, and then so many new
    and old ones were not.
    """
    outage = Outage()
    for number in range(answered):
        for _ in range(bad):
            outage.not_answered(0.0, is_new=True)
        outage.answered(0.0, URL, is_new=bool(number or not bad))
    for is_new in [True] * new + [False] * old:
        outage.not_answered(1.0, is_new=is_new)
    return outage


def test_ten_new_images_in_a_row_show_an_outage_and_fewer_do_not() -> None:
    assert not outage(new=LEAST_IN_A_ROW - 1).is_in_question(2.0)
    assert outage(new=LEAST_IN_A_ROW).is_in_question(2.0)


def test_images_that_have_failed_before_show_none() -> None:
    """In the end only those are left of a host that is there."""
    assert not outage(old=1_000).is_in_question(2.0)


@pytest.mark.parametrize(("answered", "enough"), [(0, 10_000), (3, 20), (5, 14), (10, 10)])
def test_the_fewer_are_known_the_longer_a_row_must_be(answered: int, enough: int) -> None:
    """Of one that has not answered nothing can be told."""
    assert not outage(answered=answered, new=enough - 1).is_in_question(2.0)
    assert outage(answered=answered, new=enough).is_in_question(2.0) == (answered > 0)


@pytest.mark.parametrize(("bad", "enough"), [(1, 14), (3, 33), (9, 90)])
def test_the_fewer_are_answered_on_other_days_the_longer_a_row_must_be(bad: int, enough: int) -> None:
    """As many for each that is."""
    assert not outage(bad=bad, new=enough // 2).is_in_question(2.0)
    assert outage(bad=bad, new=2 * enough).is_in_question(2.0)


def test_what_was_sent_before_the_latest_answer_shows_none() -> None:
    its = outage()
    its.answered(1.5, URL, is_new=True)
    for _ in range(LEAST_IN_A_ROW):
        its.not_answered(1.0, is_new=True)
    assert not its.is_in_question(2.0)


def test_ten_minutes_are_counted_from_the_request_that_shows_it() -> None:
    """Where the last image of a run was dead, the outage in which the next one began was ten minutes old."""
    its = outage(old=3)
    tomorrow = 86_400.0
    for _ in range(LEAST_IN_A_ROW):
        its.not_answered(tomorrow, is_new=True)
    assert its.is_in_question(tomorrow)
    for seconds in (0, 15, PATIENCE_SECONDS - 15):
        its.witness_not_answered(tomorrow + seconds)
    assert its.lasts(tomorrow + PATIENCE_SECONDS - 1)
    assert not its.lasts(tomorrow + PATIENCE_SECONDS)
    assert not its.is_in_question(tomorrow + PATIENCE_SECONDS)


def test_none_lasts_before_a_url_that_was_answered_is_not() -> None:
    """Dead ones may stand in a row."""
    its = outage(new=1_000)
    assert not its.lasts(2.0)
    its.witness_not_answered(2.0)
    assert its.lasts(2.0)


def test_an_outage_ends_by_any_answer() -> None:
    its = outage(new=1_000)
    its.witness_not_answered(2.0)
    its.answered(3.0, URL, is_new=False)
    assert not its.lasts(3.0)


def test_the_next_outage_has_ten_minutes_of_its_own() -> None:
    its = outage(new=LEAST_IN_A_ROW)
    its.witness_not_answered(2.0)
    later = 2.0 + 2 * PATIENCE_SECONDS
    its.answered(later, URL, is_new=True)
    for _ in range(LEAST_IN_A_ROW):
        its.not_answered(later, is_new=True)
    its.witness_not_answered(later)
    assert its.lasts(later + PATIENCE_SECONDS - 1)


def test_images_that_have_failed_before_make_no_longer_row_necessary() -> None:
    its = outage()
    for _ in range(60):
        its.not_answered(0.0, is_new=False)
        its.answered(0.0, URL, is_new=False)
    for _ in range(LEAST_IN_A_ROW):
        its.not_answered(1.0, is_new=True)
    assert its.is_in_question(1.0)


def test_how_a_host_was_long_ago_does_not_count() -> None:
    """One that sent thousands of pictures, and since then leaves every second one unanswered."""
    its = outage(answered=10_000)
    for _ in range(60):
        its.not_answered(0.0, is_new=True)
        its.answered(0.0, URL, is_new=True)
    for _ in range(LEAST_IN_A_ROW):
        its.not_answered(1.0, is_new=True)
    assert not its.is_in_question(1.0)


class Shop:
    """A host that has sent some pictures, and then left ten others unanswered."""

    def __init__(self, away: Failure) -> None:
        self.clock = FakeClock()
        self.gates = HostGates(limit=24, under_way=UNDER_WAY, clock=self.clock)
        self._away = away

    async def leave(self) -> None:
        for failure in [None] * LEAST_IN_A_ROW + [self._away] * LEAST_IN_A_ROW:
            async with self.gates.passage(SHOP, url=URL) as passage:
                assert passage.witness is None
                passage.end(failure)

    async def ask_witness(self, failure: Failure | None) -> Failure | NotNow | None:
        async with self.gates.passage(SHOP, url="https://shop.example/other.jpg") as passage:
            assert passage.witness == URL
            return passage.end_witness(failure)


@pytest.mark.parametrize("code", AWAY_CODES)
async def test_no_image_fails_while_a_host_that_has_sent_pictures_is_away(code: Code) -> None:
    """R09: behind a proxy that answered 502 for half a minute all that were left had failed."""
    away = Failure(code)
    shop = Shop(away)
    await shop.leave()
    rest_seconds = AWAY_REST_SECONDS.get(code, OTHER_REST_SECONDS)
    ends_at, rests = shop.clock.now + PATIENCE_SECONDS, 0
    while shop.clock.now < ends_at - 2 * rest_seconds:
        alone = await shop.ask_witness(away)
        other = await visit(shop.gates)
        for told in (alone, other):
            assert isinstance(told, NotNow)
            assert told.code == code
            assert rest_seconds <= told.retry_after_seconds <= LONGEST * rest_seconds + 1
            rests += 1
        shop.clock.now += LONGEST * rest_seconds
    assert rests > 10
    assert await shop.ask_witness(None) is None
    assert await visit(shop.gates, None) is None
    assert await visit(shop.gates, None) is None


async def test_where_a_url_that_was_answered_still_is_the_others_fail_at_once() -> None:
    """R18: as those of an old category, whose pictures are gone."""
    shop = Shop(BAD_GATEWAY)
    await shop.leave()
    async with shop.gates.passage(SHOP, url="https://shop.example/dead.jpg") as passage:
        assert passage.witness == URL
        assert passage.end_witness(None) is None
        assert passage.end(BAD_GATEWAY) == BAD_GATEWAY
    async with shop.gates.passage(SHOP, url="https://shop.example/dead.jpg") as passage:
        assert passage.witness is None


async def test_ten_time_outs_in_a_row_of_whatever_images_ask_it_once() -> None:
    """In the end only those that hang may be left."""
    shop = Shop(TIMED_OUT)
    async with shop.gates.passage(SHOP, url=URL) as passage:
        passage.end(None)
    witnesses = []
    for _ in range(2 * LEAST_IN_A_ROW):
        async with shop.gates.passage(
            SHOP, url="https://shop.example/hangs.jpg", told=Told(is_new=False)
        ) as passage:
            shop.clock.now += 10
            if passage.witness is not None:
                witnesses.append(passage.witness)
                assert passage.end_witness(None) is None
            assert passage.end(TIMED_OUT) == TIMED_OUT
    assert witnesses == [URL]


async def test_while_that_is_asked_for_nobody_else_is() -> None:
    shop = Shop(BAD_GATEWAY)
    await shop.leave()
    async with shop.gates.passage(SHOP, url=URL) as first:
        assert first.witness == URL
        other = asyncio.create_task(visit(shop.gates, None))
        await come_to_rest()
        assert not other.done()
        assert first.end_witness(None) is None
        first.end(None)
    assert await other is None


async def test_after_ten_minutes_they_fail() -> None:
    shop = Shop(BAD_GATEWAY)
    await shop.leave()
    assert isinstance(await shop.ask_witness(BAD_GATEWAY), NotNow)
    shop.clock.now += PATIENCE_SECONDS
    async with shop.gates.passage(SHOP) as passage:
        assert passage.witness is None
        assert passage.end(BAD_GATEWAY) == BAD_GATEWAY


def new_processor() -> tuple[FakeClock, HostGates]:
    clock = FakeClock()
    return clock, HostGates(limit=24, under_way=UNDER_WAY, clock=clock)


@pytest.mark.parametrize("code", AWAY_CODES)
async def test_one_that_others_found_away_is_waited_for_by_a_processor_that_never_asked_it(
    code: Code,
) -> None:
    """R09: the images of an outage failed, once the processors that knew of it were started anew."""
    clock, gates = new_processor()
    told = Told(host_away_seconds=60.0)
    for _ in range(5):
        async with gates.passage(SHOP, url=URL, told=told) as passage:
            assert isinstance(passage.end(Failure(code)), NotNow)
        async with gates.passage(SHOP, url=URL, told=told) as passage:
            assert isinstance(passage.refusal, NotNow)
        clock.now += LONGEST * AWAY_REST_SECONDS.get(code, OTHER_REST_SECONDS)


async def test_for_as_long_as_by_those_that_found_it() -> None:
    clock, gates = new_processor()
    async with gates.passage(SHOP, url=URL, told=Told(host_away_seconds=PATIENCE_SECONDS - 60)) as passage:
        assert isinstance(passage.end(BAD_GATEWAY), NotNow)
    clock.now += 60
    async with gates.passage(SHOP, url=URL, told=Told(host_away_seconds=PATIENCE_SECONDS)) as passage:
        assert passage.end(BAD_GATEWAY) == BAD_GATEWAY


async def test_one_that_answers_it_is_not_away_whatever_others_found() -> None:
    _, gates = new_processor()
    told = Told(host_away_seconds=60.0)
    async with gates.passage(SHOP, url=URL, told=told) as passage:
        assert passage.end(None) is None
    for _ in range(3):
        async with gates.passage(SHOP, url="https://shop.example/dead.jpg", told=told) as passage:
            assert passage.end(BAD_GATEWAY) == BAD_GATEWAY


OTHERS_SAW = Told(host_away_seconds=60.0, host_answered_url=URL)


@pytest.mark.parametrize("code", AWAY_CODES)
async def test_where_a_url_that_it_answered_to_others_still_is_its_dead_ones_fail_at_once(code: Code) -> None:
    """R18: a processor that was started while only such were left waited for them for ten minutes."""
    _, gates = new_processor()
    async with gates.passage(SHOP, url="https://shop.example/dead.jpg", told=OTHERS_SAW) as passage:
        assert passage.witness == URL
        assert passage.end_witness(None) is None
        assert passage.end(Failure(code)) == Failure(code)
    async with gates.passage(SHOP, url="https://shop.example/dead.jpg", told=OTHERS_SAW) as passage:
        assert passage.witness is None


@pytest.mark.parametrize("code", AWAY_CODES)
async def test_where_it_is_not_the_host_has_been_away_for_as_long_as_others_saw(code: Code) -> None:
    clock, gates = new_processor()
    async with gates.passage(SHOP, url=URL, told=OTHERS_SAW) as passage:
        assert isinstance(passage.end_witness(Failure(code)), NotNow)
    clock.now += PATIENCE_SECONDS - 60.0
    still = OTHERS_SAW._replace(host_away_seconds=PATIENCE_SECONDS)
    async with gates.passage(SHOP, url=URL, told=still) as passage:
        assert passage.witness is None
        assert passage.end(Failure(code)) == Failure(code)


@pytest.mark.parametrize("is_asked_in_the_first", [True, False])
def test_the_next_outage_that_others_saw_has_ten_minutes_of_its_own(*, is_asked_in_the_first: bool) -> None:
    """R09: a processor that had no answer between the two counted from the beginning of the first."""
    its = Outage()
    its.hear(OTHERS_SAW, 0.0)
    if is_asked_in_the_first:
        its.witness_not_answered(0.0)
    tomorrow = 86_400.0
    its.hear(Told(host_away_seconds=0.0, host_answered_url="https://shop.example/new.jpg"), tomorrow)
    assert its.witness == "https://shop.example/new.jpg"
    its.witness_not_answered(tomorrow)
    assert its.lasts(tomorrow + PATIENCE_SECONDS - 1)
    assert not its.lasts(tomorrow + PATIENCE_SECONDS)


def test_so_has_one_that_follows_where_only_others_were_answered() -> None:
    its = outage(new=LEAST_IN_A_ROW)
    its.witness_not_answered(2.0)
    tomorrow = 86_400.0
    its.hear(Told(host_away_seconds=5.0, host_answered_url="https://shop.example/new.jpg"), tomorrow)
    its.witness_not_answered(tomorrow)
    assert its.lasts(tomorrow + PATIENCE_SECONDS - 6)
    assert not its.lasts(tomorrow + PATIENCE_SECONDS - 5)


def test_whose_own_url_is_answered_no_more_asks_for_one_that_others_were_answered() -> None:
    """R18: it asked for nothing else for as long as others were answered and its images came back."""
    its = outage(new=LEAST_IN_A_ROW)
    its.witness_not_answered(2.0)
    its.hear(OTHERS_SAW._replace(host_answered_url="https://shop.example/new.jpg"), 100.0)
    assert its.is_in_question(100.0)
    assert its.witness == "https://shop.example/new.jpg"


@pytest.mark.parametrize("seen", [0, LEAST_IN_A_ROW])
def test_a_host_to_which_another_leads_is_not_waited_for_again_and_again(seen: int) -> None:
    """R18: where that one was answered now and then, images that it led to a dead host never failed."""
    its = outage(new=seen) if seen else Outage()
    if seen:
        its.witness_not_answered(2.0)
    for now in (2.0, 300.0, 2.0 + PATIENCE_SECONDS):
        its.hear(Told(host_away_seconds=0.0), now)
    assert not its.lasts(2.0 + PATIENCE_SECONDS)
