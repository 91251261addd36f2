"""The whole stack on a broker that somebody else runs, behind TLS, passwords and rights."""

from dataclasses import replace
from pathlib import Path

from deploy.local.own_stack import own_stack
from services.notifier.listen import LocalReceiver
from shared.kafka.rights import grant
from shared.rights import rights
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.secured_broker import ADMIN, secured_broker


async def test_a_request_goes_the_whole_way_over_a_secured_broker(tmp_path: Path, origin: Origin) -> None:
    """R20: every client of every service takes the KAFKA_* settings. One user has the rights of all."""
    with secured_broker(tmp_path, {"pixmill": "CANARY-PASSWORD"}) as broker:
        everything = sorted({replace(right, principal="pixmill") for right in rights()})
        await grant(broker.bootstrap, everything, broker.security(ADMIN))
        data = tmp_path / "stack"
        with own_stack(data, PROCESSORS="1", **broker.variables("pixmill")) as stack:
            async with (
                Client(stack).open() as client,
                LocalReceiver(await client.webhook_secret()).open() as receiver,
            ):
                accepted = await client.upload(origin.csv(2), webhook_url=receiver.url)
                ended = await client.until_ended(accepted.body["request_id"])
                (delivery,) = await receiver.wait_for(1, DEADLINE_SECONDS)
        assert (ended["state"], delivery.problem) == ("completed", None)
        logs = "".join(file.read_text() for file in (data / "logs").iterdir())
        assert "service_started" in logs
        assert "CANARY" not in logs
