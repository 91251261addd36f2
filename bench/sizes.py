"""Images that are no product photographs: as large as a camera's, as tiny as an icon."""

from collections.abc import Sequence

from bench.bare_loop import bare_loop
from bench.end_to_end import end_to_end
from bench.figures import Figure
from bench.shop import Shop
from bench.stacks import Stacks

CAMERA_WARM_UP_IMAGES, CAMERA_IMAGES = 40, 160
TINY_WARM_UP_IMAGES, TINY_IMAGES = 4_000, 10_000


def camera(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """Beside the bare loop, before and after."""
    before = bare_loop(shop.files, CAMERA_IMAGES)
    with stacks.open() as stack:
        measured = end_to_end(stack, shop, warm_up_images=CAMERA_WARM_UP_IMAGES, images=CAMERA_IMAGES)
    after = bare_loop(shop.files, CAMERA_IMAGES)
    bare = (before.images_per_second + after.images_per_second) / 2
    about = {"images": CAMERA_IMAGES, "megabytes_in": measured.bytes_in / 1e6}
    return [
        Figure("camera_bare_loop_images_per_second", bare, "images/s", {"images": CAMERA_IMAGES}),
        Figure("camera_images_per_second", measured.images_per_second, "images/s", about),
        Figure("camera_ratio_to_bare_loop", measured.images_per_second / bare, "ratio"),
    ]


def tiny(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """The codec has next to nothing to do: what is left is everything around it."""
    with stacks.open() as stack:
        measured = end_to_end(stack, shop, warm_up_images=TINY_WARM_UP_IMAGES, images=TINY_IMAGES)
    about = {
        "wanted": 700,
        "images": TINY_IMAGES,
        "bytes_per_image": measured.bytes_in / TINY_IMAGES,
        "cpu_ms_by_part": measured.cpu_ms_by_part,
    }
    return [Figure("tiny_images_per_second", measured.images_per_second, "images/s", about)]
