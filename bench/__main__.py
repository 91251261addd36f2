"""`make bench`: measures a stack of its own on free ports. A slow figure is no failure; a wrong result is."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import aiohttp

from bench.figures import Figure, WrongResult, say
from bench.photos import NoPhotographs, product_photos
from bench.shop import Shop, open_shop
from bench.throughput import throughput
from bench.waiting import one_image, upload
from deploy.local.own_stack import OwnStack, StackFailed, own_stack

Measure = Callable[[OwnStack, Shop], Awaitable[Sequence[Figure]]]
MEASURES: Mapping[str, Measure] = {"one_image": one_image, "upload": upload, "throughput": throughput}
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130


def main() -> int:
    options = _options()
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        _run(options.only, options.processors)
    except (NoPhotographs, StackFailed, WrongResult, aiohttp.ClientError, OSError) as error:
        say(f"failed: {type(error).__name__}: {error}")
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=measures_named, default=list(MEASURES), help=",".join(MEASURES))
    parser.add_argument("--processors", type=int, default=2)
    return parser.parse_args()


def measures_named(text: str) -> list[str]:
    """In the order in which they run."""
    wanted = {name.strip() for name in text.split(",")}
    if unknown := wanted - set(MEASURES):
        raise argparse.ArgumentTypeError(
            f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}"
        )
    return [name for name in MEASURES if name in wanted]


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Once; the orderly stop that follows is not to be disturbed."""
    _ignore_signals()
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _run(names: Sequence[str], processors: int) -> None:
    photos = product_photos()
    say(f"{len(photos)} images, {os.cpu_count()} cores, {processors} processors; starting the stack")
    with (
        tempfile.TemporaryDirectory(prefix="pixmill-bench-", ignore_cleanup_errors=True) as folder,
        open_shop(photos) as shop,
        own_stack(Path(folder), PROCESSORS=str(processors)) as stack,
        _undisturbed_end(),
    ):
        for name in names:
            say(name)
            for figure in asyncio.run(_measured(MEASURES[name], stack, shop)):
                print(figure.line(), flush=True)


@contextmanager
def _undisturbed_end() -> Iterator[None]:
    try:
        yield
    finally:
        _ignore_signals()


async def _measured(measure: Measure, stack: OwnStack, shop: Shop) -> Sequence[Figure]:
    return await measure(stack, shop)


if __name__ == "__main__":
    sys.exit(main())
