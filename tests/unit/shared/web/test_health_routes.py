"""What /livez and /readyz answer: a probe that says too much kills or holds up what is well."""

from functools import partial

from httpx import ASGITransport, AsyncClient, Response

from shared.observing.disk_headroom import DISKS
from shared.observing.health import Health
from shared.observing.metrics import DISK_HEADROOM, UNREADY
from shared.web.health_routes import health_app
from shared.web.problems import PROBLEM_MEDIA_TYPE


async def ask(health: Health, path: str) -> Response:
    async with AsyncClient(transport=ASGITransport(health_app(health)), base_url="http://service") as client:
        return await client.get(path)


async def test_a_paused_group_is_told_of_and_lets_a_rollout_end() -> None:
    health = Health()
    health.hold("processor", "paused")
    answer = await ask(health, "/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "reasons": {}, "held": {"processor": "paused"}}
    health.let_go("processor")
    assert (await ask(health, "/readyz")).json()["held"] == {}


async def test_a_dependency_that_is_away_makes_unready_and_leaves_alive() -> None:
    health = Health()
    health.unready("store", "gone")
    assert (await ask(health, "/readyz")).status_code == 503
    assert (await ask(health, "/livez")).status_code == 200


async def test_what_starts_during_an_outage_is_waited_for_and_not_killed() -> None:
    health = Health()
    health.unready("store", "gone")
    assert (await ask(health, "/startedz")).status_code == 503
    assert (await ask(health, "/livez")).status_code == 200
    health.ready("store")
    assert (await ask(health, "/startedz")).status_code == 200
    health.unready("store", "gone again")
    assert (await ask(health, "/startedz")).status_code == 200


async def test_what_stands_still_is_sent_no_calls() -> None:
    health = Health()
    health.watch("processor", lambda: "it hangs")
    assert (await ask(health, "/startedz")).status_code == 503


async def test_a_metric_tells_of_an_outage_that_no_call_meets() -> None:
    health = Health()
    await ask(health, "/livez")
    health.unready("store", "gone")
    assert [sample.value for metric in UNREADY.collect() for sample in metric.samples] == [1]
    health.ready("store")
    assert [sample.value for metric in UNREADY.collect() for sample in metric.samples] == [0]


async def test_whoever_asks_for_metrics_hears_what_is_left_of_the_disks_now() -> None:
    for left in (5, 4):
        DISKS.show("temporary", partial(float, left))
        await ask(Health(), "/metrics")
        assert DISK_HEADROOM.labels("temporary")._value.get() == left


async def test_a_service_without_an_api_refuses_other_paths_as_all_do_and_shows_no_document() -> None:
    for path in ("/v1/requests", "/openapi.json", "/docs"):
        answer = await ask(Health(), path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
