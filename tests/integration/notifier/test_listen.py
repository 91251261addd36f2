"""The local receiver, as a library and as a command."""

import asyncio
import os
import re
import sys
import time

import aiohttp
from standardwebhooks import Webhook

from services.notifier.listen import LocalReceiver
from services.notifier.sign import signature_headers
from tests.worlds.patience import DEADLINE_SECONDS

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"message":"Grüße \u202e \x1b[31m"}'.encode()


def signed(secret: str = SECRET, webhook_id: str = "id-1") -> dict[str, str]:
    return signature_headers(webhook_id, int(time.time()), BODY, [secret])


async def test_it_accepts_what_is_genuine_refuses_the_rest_and_notices_repeats() -> None:
    """R16."""
    async with LocalReceiver(SECRET).open() as receiver, aiohttp.ClientSession() as session:
        statuses = []
        for headers in (signed("whsec_AAAA"), {}, signed(), signed(), signed(webhook_id="id-2")):
            async with session.post(receiver.url + "any/path", data=BODY, headers=headers) as answer:
                statuses.append(answer.status)
    assert statuses == [401, 401, 204, 204, 204]
    assert [delivery.repeated for delivery in receiver.deliveries] == [False, False, False, True, False]
    assert receiver.deliveries[0].problem == "no signature matches"
    assert {delivery.body for delivery in receiver.deliveries} == {BODY}
    Webhook(SECRET).verify(BODY, receiver.deliveries[2].headers, json_parse=False)


async def test_the_command_prints_deliveries_harmlessly_until_it_is_interrupted() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.notifier", "listen", "--port", "0"),
        env={"PATH": os.environ["PATH"], "WEBHOOK_SECRET": SECRET},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_SECONDS):
        hello = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", hello)
        assert found is not None
        async with aiohttp.ClientSession() as session:
            async with session.post(found[0], data=BODY, headers=signed()) as answer:
                assert answer.status == 204
            async with session.get(found[0]) as answer:
                assert answer.status == 405
        process.terminate()
        rest, errors = await process.communicate()
    assert rest.decode() == 'id-1  accepted\n{"message":"Grüße \\u202e \\x1b[31m"}\n'
    assert (process.returncode, errors) == (0, b"")


async def test_the_command_says_in_one_line_what_is_wrong_with_its_arguments() -> None:
    for arguments, message in (
        (["--secret", "whsec_€"], "must be whsec_ and base64"),
        (["--secret", "whsec_"], "must be whsec_ and base64"),
        (["--host", "256.0.0.1"], "cannot listen"),
        (["--port", "70000"], "cannot listen"),
    ):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.notifier", "listen", "--port", "0", *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await asyncio.wait_for(process.communicate(), DEADLINE_SECONDS)
        assert process.returncode != 0
        assert message in errors.decode()
        assert "Traceback" not in errors.decode()
