"""`make bench`: measures stacks of its own on free ports. A slow figure is no failure; a wrong result is, and
so is a count beyond its bound.
"""

import argparse
import compileall
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.against import against
from bench.counting.counts import counts
from bench.counting.idle import idle
from bench.figures import Figure, WrongResult, require_within_bounds, say
from bench.measures.memory.exports import exports
from bench.measures.memory.growth import memory
from bench.measures.memory.intake import intake
from bench.measures.memory.worst_files import worst_files
from bench.measures.neighbours.bad_hosts import bad_hosts
from bench.measures.neighbours.fairness import healthy_beside_hanging, single_beside_crowd, small_beside_huge
from bench.measures.neighbours.large_beside_small import large_beside_small
from bench.measures.neighbours.receivers import slow_receivers
from bench.measures.parts.child_start import child_start
from bench.measures.parts.command_start import command_start
from bench.measures.parts.processor_alone import processor_alone, processor_alone_tiny
from bench.measures.parts.status_alone import status_alone, status_beside_a_million
from bench.measures.speed.far_host import DELAY_SECONDS, far_host
from bench.measures.speed.million import million, million_tiny
from bench.measures.speed.products import products
from bench.measures.speed.throughput import camera, throughput
from bench.measures.speed.tiny import tiny
from bench.measures.waits.after_a_rest import after_a_rest
from bench.measures.waits.answers import answers
from bench.measures.waits.estimates import estimates
from bench.measures.waits.idle_stack import one_image, upload
from bench.measures.waits.listeners import listeners
from bench.measures.waits.under_load import one_image_under_load
from bench.world.photos import CAMERA, DRAWN, PRODUCTS, SMALL, TINY, NoPhotographs, PhotoSet, photos
from bench.world.shop import Shop, open_shop
from bench.world.stacks import Stacks, stop_once_on_signals
from bench.yardsticks.img2dataset import NotInstalled
from deploy.local.own_stack import StackFailed


@dataclass(frozen=True, slots=True)
class Measure:
    """A list of measurements, and the photographs that they use."""

    run: Callable[[Stacks, Shop], Sequence[Figure]]
    photos: PhotoSet
    delay_seconds: float = 0  # of each answer of the image host


MEASURES: Mapping[str, Measure] = {
    "one_image": Measure(one_image, PRODUCTS),
    "after_a_rest": Measure(after_a_rest, PRODUCTS),
    "one_image_under_load": Measure(one_image_under_load, PRODUCTS),
    "upload": Measure(upload, PRODUCTS),
    "intake": Measure(intake, PRODUCTS),
    "command_start": Measure(command_start, PRODUCTS),
    "slow_receivers": Measure(slow_receivers, PRODUCTS),
    "throughput": Measure(throughput, PRODUCTS),
    "products": Measure(products, PRODUCTS),
    "processor_alone": Measure(processor_alone, PRODUCTS),
    "processor_alone_tiny": Measure(processor_alone_tiny, TINY),
    "child_start": Measure(child_start, DRAWN),
    "camera": Measure(camera, CAMERA),
    "counts": Measure(counts, DRAWN),
    "idle": Measure(idle, DRAWN),
    "tiny": Measure(tiny, TINY),
    "far_host": Measure(far_host, SMALL, DELAY_SECONDS),
    "memory": Measure(memory, PRODUCTS),
    "bad_hosts": Measure(bad_hosts, PRODUCTS),
    "listeners": Measure(listeners, PRODUCTS),
    "answers": Measure(answers, PRODUCTS),
    "estimates": Measure(estimates, PRODUCTS),
    "exports": Measure(exports, PRODUCTS),
    "worst_files": Measure(worst_files, PRODUCTS),
    "status_alone": Measure(status_alone, PRODUCTS),
    "status_beside_a_million": Measure(status_beside_a_million, PRODUCTS),
    "million": Measure(million, PRODUCTS),
    "million_tiny": Measure(million_tiny, TINY),
    "small_beside_huge": Measure(small_beside_huge, PRODUCTS),
    "healthy_beside_hanging": Measure(healthy_beside_hanging, PRODUCTS),
    "single_beside_crowd": Measure(single_beside_crowd, PRODUCTS),
    "large_beside_small": Measure(large_beside_small, PRODUCTS),
}
INTERRUPTED = 130
ROOT = Path(__file__).parents[1]


def main() -> int:
    options = _options()
    stop_once_on_signals()
    try:
        if options.against is None:
            _run(options.only, Stacks(options.processors, options.images))
        else:
            _compare(options)
    except (NoPhotographs, NotInstalled, StackFailed, WrongResult, aiohttp.ClientError, OSError) as error:
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
    parser.add_argument(
        "--images", type=int, default=1_000_000, help="of million; a fifth of it of million_tiny"
    )
    parser.add_argument("--against", metavar="REV", help="measure this commit, too, in turn")
    parser.add_argument("--rounds", type=int, default=5, help="of --against")
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
    _compile_code()
    say(f"{os.cpu_count()} cores, {stacks.processors} processors")
    for name in names:
        say(name)
        measure = MEASURES[name]
        with open_shop(photos(measure.photos), measure.delay_seconds) as shop:
            figures = measure.run(stacks, shop)
        for figure in figures:
            print(figure.line(), flush=True)
        require_within_bounds(figures)


def _compile_code() -> None:
    """As a service's image has it: a decoder child writes no file, and would compile it at each start. By no
    help of the local stack, as `--against` runs this bench in older checkouts too.
    """
    for folder in ("services", "shared"):
        compileall.compile_dir(ROOT / folder, quiet=1)


def _compare(options: argparse.Namespace) -> None:
    for figure in against(
        options.against, options.only, processors=options.processors, rounds=options.rounds
    ):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
