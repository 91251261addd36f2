"""One large request of product photographs and nothing beside it: what two commits are compared by."""

from collections.abc import Sequence

from bench.figures import Figure
from bench.measures.speed.end_to_end import end_to_end
from bench.measures.speed.throughput import PRODUCT_LOAD
from bench.world.shop import Shop
from bench.world.stacks import Stacks


def products(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    images = PRODUCT_LOAD.images
    with stacks.open() as stack:
        measured = end_to_end(stack, shop, warm_up_images=PRODUCT_LOAD.warm_up_images, images=images)
    by_part = {"images": images, "by_part": measured.cpu_ms_by_part}
    return [
        Figure("products_images_per_second", measured.images_per_second, "images/s", {"images": images}),
        Figure("products_cpu_ms_per_image", measured.cpu_ms_per_image, "ms", by_part),
    ]
