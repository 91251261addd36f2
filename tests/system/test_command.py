"""R28: the command and the client before the live stack, also while parts of it die."""

import asyncio
import json
import os
import signal
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from pixmill import AsyncClient, Upload, verify_webhook

from deploy.local.own_stack import OwnStack
from services.notifier.listen import LocalReceiver
from tests.system.origin import Origin
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.processes.child_process import running

SOURCES = Path(__file__).parents[2] / "client" / "src"


def pixmill(
    stack: OwnStack, folder: Path, *arguments: str
) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(SOURCES),
        "PIXMILL_URL": stack.endpoints["url"],
        "PIXMILL_KAFKA": stack.endpoints["kafka_bootstrap"],
    }
    command = [sys.executable, "-m", "pixmill.command", *arguments, "--json"]
    return running(*command, stdout=asyncio.subprocess.PIPE, env=variables, cwd=folder)


async def told(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(await asyncio.wait_for(process.stdout.readline(), DEADLINE_SECONDS))
    return line


async def run(stack: OwnStack, folder: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    async with pixmill(stack, folder, *arguments) as process:
        out, _ = await asyncio.wait_for(process.communicate(), DEADLINE_SECONDS)
        return process.returncode or 0, [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def file(tmp_path: Path, origin: Origin) -> Path:
    path = tmp_path / "products.csv"
    path.write_text(origin.csv(6, images_each=2))
    return path


async def test_from_a_file_to_pictures(stack: OwnStack, file: Path) -> None:
    code, lines = await run(stack, file.parent, "upload", file.name, "--output", "out.csv")
    assert (code, lines[0]["kind"], lines[-1]["kind"]) == (0, "accepted", "saved")
    request_id = lines[0]["request_id"]
    assert len((file.parent / "out.csv").read_text().splitlines()) == 7
    code, lines = await run(stack, file.parent, "download", request_id, "--images", "pictures")
    assert (code, len(lines)) == (0, 13)
    assert len(list((file.parent / "pictures").glob("*.jpg"))) == 12
    _, (first, *_) = await run(stack, file.parent, "list", "--limit", "1")
    assert first["request"]["state"] == "completed"
    code, checks = await run(stack, file.parent, "doctor")
    assert (code, [each["name"] for each in checks if not each["well"]]) == (0, [])
    assert {"versions", "clocks", "Kafka's client", "Kafka"} <= {each["name"] for each in checks}
    code, ends = await run(stack, file.parent, "tap", "--from-beginning", "--limit", "1")
    assert (code, ends[0]["event"]["type"]) == (0, "request.completed")


def misspell(file: Path) -> None:
    file.write_text(file.read_text().replace("http://", "htp://", 1))


async def test_a_wrong_file_is_marked_by_the_server(stack: OwnStack, file: Path) -> None:
    await asyncio.to_thread(misspell, file)
    code, (judgement,) = await run(stack, file.parent, "validate", file.name, "--fix", "marked.csv")
    assert (code, judgement["valid"]) == (1, False)
    assert (file.parent / "marked.csv").read_text().splitlines()[0].endswith("Error,Suggestion")


async def test_watching_goes_on_while_status_and_the_gateway_are_killed(
    stack: OwnStack, file: Path, origin: Origin
) -> None:
    origin.hold(after=3)
    async with pixmill(stack, file.parent, "upload", file.name, "--watch") as process:
        assert (await told(process))["kind"] == "accepted"
        assert (await told(process))["kind"] == "progress"
        for part in ("status", "gateway"):
            os.kill(stack.endpoints["pids"][part][0], signal.SIGKILL)
        origin.release()
        last: dict[str, Any] = {}
        while process.stdout and not process.stdout.at_eof() and last.get("kind") != "ended":
            last = await told(process)
        assert last["request"]["counts"]["done"] == 12
        assert await process.wait() == 0


def write_some_that_fail(file: Path, host: str) -> None:
    urls = ",".join(f"{host}/{name}.jpg" for name in ("missing-1", "text-1", "1"))
    file.write_text(f'S. No.,Product Name,Input Image Urls\n1,Chair,"{urls}"\n')


async def test_what_failed_is_told_fetched_and_partly_tried_again(
    stack: OwnStack, file: Path, origin: Origin
) -> None:
    await asyncio.to_thread(write_some_that_fail, file, origin.base)
    code, (accepted, *_) = await run(stack, file.parent, "upload", file.name, "--output", "out.xlsx")
    assert (code, (file.parent / "out.xlsx").read_bytes()[:2]) == (3, b"PK")
    request_id = accepted["request_id"]
    code, lines = await run(stack, file.parent, "retry", request_id, "--code", "http_404", "--watch")
    reasons = [(each["code"], each["fixer"]) for each in lines[-1]["request"]["failures"]]
    assert (code, sorted(reasons)) == (3, [("http_404", "origin"), ("not_an_image", "uploader")])
    assert (origin.fetched["missing-1.jpg"], origin.fetched["text-1.jpg"]) == (2, 1)
    code, _ = await run(stack, file.parent, "download", request_id, "--failed", "failed.csv")
    assert (code, (file.parent / "failed.csv").read_text().count("Chair")) == (0, 1)
    _, (again, *_) = await run(stack, file.parent, "upload", file.name)
    assert again["uploaded_before"] == request_id


async def test_the_client_waits_and_its_webhook_is_genuine(
    stack: OwnStack, file: Path, receiver: LocalReceiver
) -> None:
    async with AsyncClient(stack.endpoints["url"]) as client:
        accepted = await client.upload(file, Upload(webhook_url=receiver.url + "hook"))
        ended = await client.wait(accepted.id)
        products = [each async for each in client.products(accepted.id)]
        (delivery, *_) = await receiver.wait_for(1, DEADLINE_SECONDS)
        completion = verify_webhook(delivery.body, delivery.headers, await client.webhook_secret())
    assert (ended.state, len(products), completion.request_id) == ("completed", 6, accepted.id)
