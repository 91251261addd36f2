"""`make demo`: the whole of Pixmill on this machine, from a shop's CSV to its verified webhook. Exit code 0
only if every step really happened.
"""

import asyncio
import csv
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from deploy.demo.course import Course, DemoFailed
from deploy.demo.pictures import draw_all
from deploy.demo.shop import picture_host, product_csv
from deploy.local.own_stack import OwnStack, StackFailed, own_stack
from deploy.local.processes.patience import MOST_SECONDS, Patience
from deploy.local.troubles import Troubles
from deploy.local.usage import refuse_arguments
from services.notifier.listen import LocalReceiver, Received

FOLDER = Path(__file__).parents[2] / ".local" / "demo"
# Without progress and without any part at work: longer than the services wait on purpose, which is 300 s
# before the third attempt at a webhook.
STILL_SECONDS = 420.0
# A busy machine answers late, so no call has a time-out of its own: `Course` looks whether anything moves.
NO_LIMIT = aiohttp.ClientTimeout(total=None)
LOOK_AGAIN_SECONDS = 0.1
BAR_WIDTH = 30
ABOUT = "Shows the whole of Pixmill on a stack of its own, from a shop's CSV to its verified webhook."


def main() -> int:
    refuse_arguments("deploy.demo", ABOUT)
    troubles = Troubles(FOLDER / "logs")
    try:
        print("Starting Kafka, PostgreSQL, the four services and the gateway …", flush=True)
        with own_stack(FOLDER) as stack:
            print(f"Pixmill:     {stack.endpoints['url']}", flush=True)
            asyncio.run(demo(stack))
            print("Stopping …", flush=True)
    except (DemoFailed, StackFailed) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        if isinstance(error, DemoFailed):  # the other one brings its log's end along
            print(troubles.told(), end="", file=sys.stderr)
        print(f"Logs: {FOLDER / 'logs'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("Done. `make up` starts the same stack for your own CSV.")
    return 0


async def demo(stack: OwnStack) -> None:
    course = Course(Patience(sessions=stack.pids, seconds=STILL_SECONDS), stack.cause_of_end)
    await course.run(_all_steps(course, stack.endpoints))


async def _all_steps(course: Course, endpoints: Mapping[str, Any]) -> None:
    async with picture_host(draw_all()) as host, aiohttp.ClientSession(timeout=NO_LIMIT) as http:
        course.begin("fetching the webhook secret")
        url = endpoints["url"]
        secret = (await _json(http, f"{url}/v1/webhooks/secret"))["secret"]
        async with LocalReceiver(secret).open() as receiver:
            course.begin("uploading the CSV")
            accepted = await _upload(http, url, product_csv(host), receiver.url)
            request_url = f"{url}/v1/requests/{accepted['request_id']}"
            ended = await _watch(course, http, request_url)
            course.begin("fetching the output CSV")
            output = await _save_output(http, ended["output_csv_url"])
            course.begin("fetching the images")
            await _show_table(http, request_url)
            course.begin("waiting for the webhook")
            await _check_webhook(receiver, accepted["request_id"])
        print(f"Output CSV:  {output}")


async def _upload(http: aiohttp.ClientSession, url: str, text: str, webhook_url: str) -> Mapping[str, Any]:
    form = aiohttp.FormData()
    form.add_field("file", text.encode(), filename="products.csv", content_type="text/csv")
    form.add_field("webhook_url", webhook_url)
    async with http.post(f"{url}/v1/requests", data=form) as response:
        answer: Mapping[str, Any] = await response.json()
        if response.status != 202:  # noqa: PLR2004 - Accepted
            raise DemoFailed(f"the upload answered {response.status}: {answer}")
    print(f"Uploaded:    products.csv, request {answer['request_id']} ({answer['message']})")
    return answer


async def _watch(course: Course, http: aiohttp.ClientSession, request_url: str) -> Mapping[str, Any]:
    seen: object = None
    status = await _json(http, request_url)
    while not status["completed_at"]:
        if (status["state"], status["counts"]) != seen:
            seen = (status["state"], status["counts"])
            course.begin(f"waiting for the images, {status['progress']:.0f} % of which have ended")
            _show_bar(status)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        status = await _json(http, request_url)
    _show_bar(status)
    counts = status["counts"]
    if status["state"] != "completed" or counts["done"] != counts["images"]:
        raise DemoFailed(f"the request ended {status['state']} with {counts}: {status['failures']}")
    return status


def _show_bar(status: Mapping[str, Any]) -> None:
    filled = int(status["progress"] / 100 * BAR_WIDTH)
    end = "\r" if sys.stdout.isatty() and not status["completed_at"] else "\n"
    bar = "#" * filled + "." * (BAR_WIDTH - filled)
    print(f"Progress:    [{bar}] {status['progress']:5.1f} %  {status['state']}", end=end, flush=True)


async def _show_table(http: aiohttp.ClientSession, request_url: str) -> None:
    images = (await _json(http, f"{request_url}/images"))["items"]
    print(f"\n  {'image':<20} {'before':>10} {'after':>10} {'saved':>7}")
    for image in images:
        name = image["input_url"].rpartition("/")[2]
        before, after = image["bytes_in"], image["bytes_out"]
        print(f"  {name:<20} {before:>10,} {after:>10,} {1 - after / before:>7.0%}")
        async with http.get(image["output_url"]) as response:
            if response.status != 200 or len(await response.read()) != after:  # noqa: PLR2004 - OK
                raise DemoFailed(f"{image['output_url']} does not answer with the compressed image")
    print()


async def _save_output(http: aiohttp.ClientSession, url: str) -> Path:
    async with http.get(url) as response:
        text = (await response.read()).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or any(not row["Output Image Urls"] for row in rows):
        raise DemoFailed(f"the output CSV has no output URLs: {text[:200]}")
    output = FOLDER / "output.csv"
    output.write_text(text, newline="")
    return output


async def _check_webhook(receiver: LocalReceiver, request_id: str) -> None:
    delivery: Received = (await receiver.wait_for(1, MOST_SECONDS))[0]
    if delivery.problem is not None or request_id.encode() not in delivery.body:
        raise DemoFailed(f"the webhook is not genuine: {delivery.problem}")
    print(f"Webhook:     {len(delivery.body):,} bytes, signature verified, id {delivery.webhook_id}")


async def _json(http: aiohttp.ClientSession, url: str) -> Mapping[str, Any]:
    async with http.get(url) as response:
        answer: Mapping[str, Any] = await response.json()
        if response.status != 200:  # noqa: PLR2004 - OK
            raise DemoFailed(f"{url} answered {response.status}: {answer}")
    return answer


if __name__ == "__main__":
    sys.exit(main())
