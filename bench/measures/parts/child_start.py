"""What a decoder child takes from its start to its end, with one image between: CPU, not time on the wall."""

import asyncio
import io
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PIL import Image

from bench.figures import Figure, WrongResult, mean_figure
from bench.instruments.cpu import children_ms
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from services.processor.decoders.decoder import Decoder
from services.processor.decoders.limits import DecoderLimits
from services.processor.verdicts import Compressed

ROUNDS = 8
SIZE = (64, 64)
QUALITY = 5  # so low a one is in no sample that is compared with its source
NO_IMAGE = b"no image"


def child_start(_: Stacks, __: Shop) -> Sequence[Figure]:
    """Beside it an empty Python, which nobody can be faster than."""
    figures = [
        _figure(f"child_{name}_cpu_ms", partial(_one_image, data)) for name, data in _first_images().items()
    ]
    return [*figures, _figure("empty_python_cpu_ms", _empty_python)]


def _first_images() -> Mapping[str, bytes]:
    """What each adds to the start are the libraries that come with it."""
    picture = Image.merge("RGB", [Image.radial_gradient("L").resize(SIZE)] * 3)
    return {
        "start": NO_IMAGE,
        "start_and_plain_jpeg": _saved(picture, "JPEG", quality=90),
        "start_and_jpeg_by_pixels": _saved(picture, "JPEG", quality=90, subsampling=0),
        "start_and_png": _saved(picture, "PNG"),
        "start_and_webp": _saved(picture, "WEBP"),
    }


def _saved(picture: Image.Image, name: str, **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, name, **options)
    return out.getvalue()


def _figure(name: str, run: Callable[[], None]) -> Figure:
    each = [children_ms(run) for _ in range(ROUNDS)]
    return mean_figure(name, each, "ms", least=min(each))


def _one_image(data: bytes) -> None:
    asyncio.run(_from_start_to_end(data))


async def _from_start_to_end(data: bytes) -> None:
    decoder = Decoder(DecoderLimits())
    await decoder.start()
    verdict = await decoder.compress(data, QUALITY, None)
    await decoder.stop()
    if isinstance(verdict, Compressed) is (data == NO_IMAGE):
        raise WrongResult(f"a child answered {verdict}")


def _empty_python() -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True)
