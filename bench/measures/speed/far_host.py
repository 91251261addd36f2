"""One host far away: what one to four processors reach while they mostly wait for it."""

from collections.abc import Sequence

from bench.figures import Figure
from bench.measures.speed.end_to_end import end_to_end
from bench.world.shop import Shop
from bench.world.stacks import Stacks

DELAY_SECONDS = 0.3
REQUESTS_PER_HOST = 128
CONCURRENCY = 192  # more than the host takes: some of them decode and store meanwhile
WARM_UP_IMAGES, IMAGES = 3_000, 6_000
PROCESSORS = (1, 2, 3, 4)


def far_host(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """The host's limit raised; no processor could do more than 128 requests in each 0.3 s."""
    return [_with(stacks, shop, processors) for processors in PROCESSORS]


def _with(stacks: Stacks, shop: Shop, processors: int) -> Figure:
    limits = {"REQUESTS_PER_HOST": str(REQUESTS_PER_HOST), "CONCURRENCY": str(CONCURRENCY)}
    with stacks.open(PROCESSORS=str(processors), **limits) as stack:
        measured = end_to_end(stack, shop, warm_up_images=WARM_UP_IMAGES, images=IMAGES)
    about = {
        "processors": processors,
        "wanted": 250,
        "images": IMAGES,
        "bytes_per_image": measured.bytes_in / IMAGES,
        "delay_ms": DELAY_SECONDS * 1000,
        "requests_per_host": REQUESTS_PER_HOST,
    }
    return Figure("far_host_images_per_second", measured.images_per_second, "images/s", about)
