"""`make bench`: measures stacks of its own on free ports. A slow figure is no failure; a wrong result is."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence

import aiohttp

from bench.fairness import healthy_beside_hanging, single_beside_crowd, small_beside_huge
from bench.figures import Figure, WrongResult, say
from bench.photos import NoPhotographs, product_photos
from bench.shop import Shop, open_shop
from bench.stacks import Stacks, stop_once_on_signals
from bench.status_alone import status_alone, status_beside_a_million
from bench.throughput import throughput
from bench.waiting import one_image, upload
from deploy.local.own_stack import StackFailed

Measure = Callable[[Stacks, Shop], Sequence[Figure]]
MEASURES: Mapping[str, Measure] = {
    "one_image": one_image,
    "upload": upload,
    "throughput": throughput,
    "status_alone": status_alone,
    "status_beside_a_million": status_beside_a_million,
    "small_beside_huge": small_beside_huge,
    "healthy_beside_hanging": healthy_beside_hanging,
    "single_beside_crowd": single_beside_crowd,
}
INTERRUPTED = 130


def main() -> int:
    options = _options()
    stop_once_on_signals()
    try:
        _run(options.only, Stacks(options.processors))
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


def _run(names: Sequence[str], stacks: Stacks) -> None:
    photos = product_photos()
    say(f"{len(photos)} images, {os.cpu_count()} cores, {stacks.processors} processors")
    with open_shop(photos) as shop:
        for name in names:
            say(name)
            for figure in MEASURES[name](stacks, shop):
                print(figure.line(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
