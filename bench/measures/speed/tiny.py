"""Images of 1 to 2 kB: the codec has next to nothing to do, so this measures everything around it."""

from collections.abc import Sequence

from bench.figures import Figure
from bench.measures.speed.end_to_end import end_to_end
from bench.world.shop import Shop
from bench.world.stacks import Stacks

WARM_UP_IMAGES, IMAGES = 4_000, 10_000


def tiny(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    with stacks.open() as stack:
        measured = end_to_end(stack, shop, warm_up_images=WARM_UP_IMAGES, images=IMAGES)
    about = {"wanted": 700, "images": IMAGES, "bytes_per_image": measured.bytes_in / IMAGES}
    by_part = {"images": IMAGES, "by_part": measured.cpu_ms_by_part}
    return [
        Figure("tiny_images_per_second", measured.images_per_second, "images/s", about),
        Figure("tiny_cpu_ms_per_image", measured.cpu_ms_per_image, "ms", by_part),
    ]
