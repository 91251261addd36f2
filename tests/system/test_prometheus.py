"""R21: a real Prometheus on the real stack under load: every query of dashboard and alerts finds series."""

import asyncio
import json
import re
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import yaml

from deploy.local.free_ports import free_port
from services.notifier.listen import LocalReceiver
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.deployment.deployed import ROOT
from tests.worlds.patience import DEADLINE_SECONDS

DEPLOYED = ROOT / "deploy" / "prometheus"
# Comparisons are cut off: that an alert is quiet must not look like a query that finds nothing.
COMPARISONS = (" == 0", " == 1", " > ", " < ")
# Answers that a healthy stack does not give; the same series exists with others.
_ERRORS = re.compile(r',? ?status="50[03]"')
_BETWEEN = re.compile(r" (?:and|or|unless) (?:on \(\) )?")
_ABSENT = re.compile(r"^absent\((.*)\)$")
QUERY_SECONDS = 200.0


def configured(folder: Path, client: Client) -> Path:
    """The deployed configuration with the addresses of this stack, every second."""
    endpoints = client.stack.endpoints
    urls = {
        "ingest": [endpoints["ingest_url"]],
        "status": [endpoints["status_url"]],
        "processor": endpoints["processor_urls"],
        "notifier": endpoints["notifier_urls"],
    }
    content = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text())
    content["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    content["rule_files"] = [str(DEPLOYED / "alerts.yml")]
    for job in content["scrape_configs"]:
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [urlsplit(url).netloc for url in urls[job["job_name"]]]}]
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(content))
    return file


@asynccontextmanager
async def prometheus(folder: Path, client: Client) -> AsyncIterator[aiohttp.ClientSession]:
    port = free_port()
    command = [
        *(
            "prometheus",
            f"--config.file={configured(folder, client)}",
            f"--storage.tsdb.path={folder / 'data'}",
        ),
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    process = _started(command, folder / "log")
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            yield http
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, DEADLINE_SECONDS)


def _started(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


def queries() -> list[str]:
    board = json.loads((ROOT / "deploy/grafana/dashboards/pixmill.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]


def watched() -> list[str]:
    """The series that each alert looks at, without what it compares them with."""
    groups = yaml.safe_load((DEPLOYED / "alerts.yml").read_text())["groups"]
    expressions = [rule["expr"] for group in groups for rule in group["rules"]]
    parts = [part for each in expressions for part in _BETWEEN.split(each.split("\n")[0])]
    return [_ABSENT.sub(r"\1", _without_comparison(part)) for part in parts]


def _without_comparison(expression: str) -> str:
    for comparison in COMPARISONS:
        expression = expression.partition(comparison)[0]
    return _ERRORS.sub("", expression).strip()


async def found(http: aiohttp.ClientSession, query: str) -> bool:
    try:
        async with http.get("/api/v1/query", params={"query": query}) as answer:
            body = await answer.json()
    except aiohttp.ClientConnectionError:
        return False
    assert body.get("status") in ("success", None), (query, body)
    return bool(body.get("data", {}).get("result"))


async def test_every_query_of_dashboard_and_alerts_returns_series(
    client: Client, origin: Origin, receiver: LocalReceiver, tmp_path: Path
) -> None:
    """R21"""
    wanted = [*queries(), *watched()]
    async with prometheus(tmp_path, client) as http:
        deadline = time.monotonic() + QUERY_SECONDS
        while wanted and time.monotonic() < deadline:
            text = origin.csv(10) + f"11,Gone,{origin.base}/missing.jpg\n"
            accepted = await client.upload(text, webhook_url=receiver.url)
            await client.until_ended(accepted.body["request_id"])
            wanted = [query for query in wanted if not await found(http, query)]
    assert wanted == []
