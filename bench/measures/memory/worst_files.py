"""The largest files that the limits let in: what each service holds at most while one is judged, planned,
cancelled, read in every shape and downloaded, and while all of them are at once.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import aiohttp

from bench.figures import Figure, WrongResult, say
from bench.instruments.process_memory import peak_bytes, resident_bytes
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from deploy.local.own_stack import OwnStack

HEADER = "S. No.,Product Name,Input Image Urls"
MEGABYTE = 10**6
WANTED_MEGABYTES = 300
MOST_WAIT_SECONDS = 3_600  # the services themselves end what stands still; a busy machine takes its time
PLANNING_SECONDS = 5  # until a request is cancelled: some of it is planned then, the rest is not
CHUNK_BYTES = 1 << 20
READ = (
    "/v1/requests/{}/output.csv",
    "/v1/requests/{}/output.csv?columns=extended",
    "/v1/requests/{}/failed.csv",
    "/v1/requests/{}/images?limit=1000",
    "/v1/events?limit=1000",
    "/status/{}",
    "/api/status/{}",
)


def worst_files(_: Stacks, __: Shop) -> Sequence[Figure]:
    figures: list[Figure] = []
    for measure in (_one_by_one, _at_once):
        with Stacks(processors=1).open() as stack:
            figures += asyncio.run(measure(stack))
    return figures


def many_urls(file: BinaryIO) -> None:
    """500 products of 1,000 URLs of 500 characters."""
    for product in range(500):
        urls = ", ".join(_url(product * 1_000 + n, 500) for n in range(1_000))
        _write(file, f'{product},Chair,"{urls}"')


def wide_rows(file: BinaryIO) -> None:
    """Rows of nearly 12 million characters, in cells that each end with their line."""
    cell = '"' + "x" * 2_900_000 + '\n"'
    for product in range(40):
        _write(file, f"{product},Chair,{_url(product, 40)},{cell},{cell},{cell},{cell}")


def long_names(file: BinaryIO) -> None:
    """Names of nearly 3 million characters, each with 1,000 images."""
    for product in range(100):
        urls = ", ".join(_url(product * 1_000 + n, 40) for n in range(1_000))
        name = '"' + "n" * 2_900_000 + '\n"'
        _write(file, f'{product},{name},"{urls}"')


def distinct_urls(file: BinaryIO) -> None:
    """A million rows and two million URLs, none twice, in 490 MB."""
    for product in range(1_000_000):
        _write(file, f'{product},Chair,"{_url(product * 2, 230)}, {_url(product * 2 + 1, 230)}"')


PLANNED = {"many_urls": many_urls, "wide_rows": wide_rows, "long_names": long_names}
JUDGED = {"distinct_urls": distinct_urls}
FILES = PLANNED | JUDGED


def _write(file: BinaryIO, row: str) -> None:
    file.write(row.encode() + b"\n")


def _url(number: int, characters: int) -> str:
    return f"http://127.0.0.1:9/{number}".ljust(characters, "u")  # nobody listens there


@dataclass(frozen=True, slots=True)
class Caller:
    """Uploads, cancels and reads, one thing after the other."""

    stack: OwnStack
    http: aiohttp.ClientSession

    async def judge(self, path: Path) -> None:
        async with self.http.post(self._at("/v1/validate"), data={"file": path.open("rb")}) as answer:
            _require(answer.status == 200, f"validate answered {answer.status}: {await answer.text()}")

    async def upload(self, path: Path) -> str:
        async with self.http.post(self._at("/v1/requests"), data={"file": path.open("rb")}) as answer:
            _require(answer.status == 202, f"the upload was answered {answer.status}: {await answer.text()}")
            request_id: str = (await answer.json())["request_id"]
            return request_id

    async def cancel(self, request_id: str) -> None:
        async with self.http.post(self._at(f"/v1/requests/{request_id}/cancel")) as answer:
            _require(answer.status == 202, f"the cancel was answered {answer.status}")
        async with asyncio.timeout(MOST_WAIT_SECONDS):
            while True:
                if (await self._state(request_id)) == "cancelled":
                    return
                await asyncio.sleep(0.2)

    async def read(self, path: str) -> int:
        """How many bytes came."""
        came = 0
        async with self.http.get(self._at(path)) as answer:
            _require(answer.status in {200, 304}, f"{path} answered {answer.status}")
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                came += len(chunk)
        return came

    async def _state(self, request_id: str) -> str:
        async with self.http.get(self._at(f"/v1/requests/{request_id}")) as answer:
            state: str = (await answer.json())["state"]
            return state

    def _at(self, path: str) -> str:
        return f"{self.stack.endpoints['url']}{path}"


async def _one_by_one(stack: OwnStack) -> Sequence[Figure]:
    figures: list[Figure] = []
    async with _calling(stack) as caller:
        for name in FILES:
            before = _resident(stack)
            with _written([name]) as (path,):
                await _use(caller, name, path)
            figures += _figures(name, before, stack)
    return figures


async def _at_once(stack: OwnStack) -> Sequence[Figure]:
    before = _resident(stack)
    async with _calling(stack) as caller:
        with _written(FILES) as paths:
            await asyncio.gather(*map(_use, [caller] * len(FILES), FILES, paths))
    return list(_figures("all_at_once", before, stack))


@asynccontextmanager
async def _calling(stack: OwnStack) -> AsyncIterator[Caller]:
    timeout = aiohttp.ClientTimeout(total=MOST_WAIT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        yield Caller(stack, http)


@contextmanager
def _written(names: Iterable[str]) -> Iterator[Sequence[Path]]:
    with tempfile.TemporaryDirectory(prefix="pixmill-bench-") as folder:
        paths = []
        for name in names:
            paths.append(Path(folder) / f"{name}.csv")
            with paths[-1].open("wb") as file:
                _write(file, HEADER + ",A,B,C,D" * (name == "wide_rows"))
                FILES[name](file)
        yield paths


async def _use(caller: Caller, name: str, path: Path) -> None:
    say(name)
    if name in JUDGED:
        await caller.judge(path)
        return
    request_id = await caller.upload(path)
    await asyncio.sleep(PLANNING_SECONDS)
    await caller.cancel(request_id)
    for each in READ:
        say(f"{name}: {each}: {await caller.read(each.format(request_id)) // 1024} KiB")


def _figures(name: str, before: Mapping[str, int], stack: OwnStack) -> Iterator[Figure]:
    for service, pid in _services(stack):
        about = {"file": name, "before_mb": before[service], "wanted_at_most": WANTED_MEGABYTES}
        yield Figure(f"worst_file_peak_of_{service}", peak_bytes(pid) // MEGABYTE, "MB", about)


def _services(stack: OwnStack) -> Iterator[tuple[str, int]]:
    pids = stack.endpoints["pids"]
    for service in ("ingest", "status", "notifier", "processor"):
        yield service, pids[service][0]


def _resident(stack: OwnStack) -> Mapping[str, int]:
    return {service: resident_bytes(pid) // MEGABYTE for service, pid in _services(stack)}


def _require(fact: bool, otherwise: str) -> None:  # noqa: FBT001 - it reads as a sentence
    if not fact:
        raise WrongResult(otherwise)
