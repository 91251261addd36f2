"""R21: whatever a service says of itself, by us or by a library, is a line of JSON."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[4]
STORY = """
import asyncio, logging, threading, warnings
from aiokafka import AIOKafkaProducer
from shared.observing.logs import Action, configure_logs, log

async def story():
    asyncio.get_running_loop().create_task(failing())
    await asyncio.sleep(0)
    client = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1")
    try:
        await client.start()
    except Exception:
        await client.stop()

def complaining():
    for _ in range(50):
        logging.getLogger("aiokafka").error("no node %s", 1)

async def failing():
    raise ValueError("in two\\nlines")

def in_a_thread():
    warnings.warn("of a library")

configure_logs("test", "INFO")
log.info(Action.SERVICE_STARTED)
complaining()
asyncio.run(story())
thread = threading.Thread(target=in_a_thread)
thread.start()
thread.join()
"""


def lines() -> list[dict[str, Any]]:
    ran = subprocess.run([sys.executable, "-c", STORY], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == ""
    return [json.loads(line) for line in ran.stderr.splitlines()]


def test_what_libraries_say_is_told_as_what_we_say() -> None:
    told = lines()
    assert {line["service"] for line in told} == {"test"}
    assert all({"level", "timestamp"} <= line.keys() for line in told)
    assert [line["event"] for line in told[:1]] == ["service_started"]
    said = {line["logger"].split(".")[0]: line for line in told if line["event"] == "library_said"}
    assert said.keys() == {"aiokafka", "asyncio", "py"}
    assert (said["aiokafka"]["level"], "127.0.0.1" in said["aiokafka"]["message"]) == ("error", True)
    assert said["asyncio"]["exception"].endswith("ValueError: in two\nlines")
    assert "UserWarning: of a library" in said["py"]["message"]


def test_what_a_library_repeats_is_one_line() -> None:
    assert len([line for line in lines() if line.get("message") == "no node 1"]) == 1
