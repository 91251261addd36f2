"""`python -m bench.programs.no_op_processor BOOTSTRAP`: answers every image.requested at once as done, having
done nothing, until its standard input ends. It prints a line when it is ready.
"""

import asyncio
import json
import sys
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.contract.events import ImageDone, Topic

DONE = (
    '{{"request_id":"{request_id}","image_id":"{image_id}","ordinal":{ordinal},"run":{run},"attempt":{attempt},\
"outcome":"done","original_key":"requests/{request_id}/original/{ordinal}-{hash}.jpg",\
"output_key":"requests/{request_id}/output/{ordinal}-{hash}.jpg","bytes_in":100000,"bytes_out":40000,"width":800,\
"height":600,"format":"jpeg","times":{{"total_ms":1.0}}}}'
)
HEADERS = [("ce_type", ImageDone.TYPE.encode())]


async def main(bootstrap: str) -> None:
    orphaned = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), orphaned.set)
    consumer = AIOKafkaConsumer(
        Topic.IMAGE_REQUESTED.value,
        bootstrap_servers=bootstrap,
        group_id="processor",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,
    )
    async with consumer, AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=2) as producer:
        print("ready", flush=True)
        while not orphaned.is_set():
            polled = await consumer.getmany(timeout_ms=100)
            for messages in polled.values():
                for message in messages:
                    await answer(producer, message.value)


async def answer(producer: AIOKafkaProducer, value: bytes) -> None:
    asked: dict[str, Any] = json.loads(value)
    done = DONE.format_map(asked | {"hash": "0" * 32})
    key = asked["request_id"].encode()
    await producer.send(Topic.IMAGE_DONE.value, done.encode(), key, headers=HEADERS)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
