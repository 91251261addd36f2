"""`make bench`: one JSON line a figure on standard output. A slow figure is no failure; a wrong result is."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.bare_loop import bare_loop
from bench.photos import NoPhotographs, product_photos
from bench.stack_figures import (
    Shop,
    WrongResult,
    image_host,
    one_image_ms,
    percentile,
    throughput,
    upload_answer_ms,
)
from deploy.local.own_stack import OwnStack, StackFailed, own_stack

FIGURES = ("one_image", "upload", "throughput")
ONE_IMAGE_COUNT = 50
UPLOAD_ROWS, UPLOAD_COUNT = 1_000, 10
THROUGHPUT_IMAGES = 4_000
WARM_UP_IMAGES = 400


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="pixmill-bench-"))
    try:
        photos = product_photos()
        with (
            image_host(photos[0].parent) as host,
            own_stack(folder, PROCESSORS=str(options.processors)) as stack,
        ):
            _measure(options.only, stack, Shop(host, [photo.name for photo in photos]), photos)
    except (NoPhotographs, StackFailed, WrongResult) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), default=FIGURES, help=",".join(FIGURES))
    parser.add_argument("--processors", type=int, default=2)
    return parser.parse_args()


def _measure(only: Sequence[str], stack: OwnStack, shop: Shop, photos: Sequence[Path]) -> None:
    if "one_image" in only:
        durations = asyncio.run(one_image_ms(stack, shop, ONE_IMAGE_COUNT))
        _tell("one_image_request_ms", durations, "upload to completed, idle stack")
    if "upload" in only:
        durations = asyncio.run(upload_answer_ms(stack, shop, UPLOAD_ROWS, UPLOAD_COUNT))
        _tell(f"upload_answer_{UPLOAD_ROWS}_rows_ms", durations, "first byte sent to answer read")
    if "throughput" in only:
        _measure_throughput(stack, shop, photos)


def _measure_throughput(stack: OwnStack, shop: Shop, photos: Sequence[Path]) -> None:
    """The yardstick before and after, because the machine's speed drifts."""
    asyncio.run(throughput(stack, Shop(shop.host, shop.names[::-1]), WARM_UP_IMAGES))
    before = bare_loop(photos, THROUGHPUT_IMAGES)
    measured = asyncio.run(throughput(stack, shop, THROUGHPUT_IMAGES))
    after = bare_loop(photos, THROUGHPUT_IMAGES)
    bare = (before.images_per_second + after.images_per_second) / 2
    bare_cpu = (before.cpu_ms_per_image + after.cpu_ms_per_image) / 2
    about = {
        "images": THROUGHPUT_IMAGES,
        "megabytes_in": measured.bytes_in / 1e6,
        "megabytes_out": measured.bytes_out / 1e6,
    }
    _line("bare_loop_images_per_second", bare, before=before.images_per_second, after=after.images_per_second)
    _line("bare_loop_cpu_ms_per_image", bare_cpu)
    _line("end_to_end_images_per_second", measured.images_per_second, **about)
    _line("end_to_end_ratio_to_bare_loop", measured.images_per_second / bare, wanted=0.5)
    by_part = {part: round(cpu_ms, 2) for part, cpu_ms in measured.cpu_ms_by_part.items()}
    _line("end_to_end_cpu_ms_per_image", measured.cpu_ms_per_image, by_part=by_part)
    _line("end_to_end_cpu_ratio_to_bare_loop", measured.cpu_ms_per_image / bare_cpu)


def _tell(name: str, durations: Sequence[float], what: str) -> None:
    p50, p95 = (round(percentile(durations, percent), 1) for percent in (50, 95))
    _line(name, p50, p95=p95, n=len(durations), wanted=150, what=what)


def _line(name: str, value: float, **about: object) -> None:
    rounded = {key: round(each, 2) if isinstance(each, float) else each for key, each in about.items()}
    print(json.dumps({"figure": name, "value": round(value, 3), **rounded}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
