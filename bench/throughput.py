"""Product-sized images end to end, beside the bare loop and img2dataset on the same files in the same run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.bare_loop import Speed, bare_loop
from bench.end_to_end import EndToEnd, end_to_end
from bench.figures import Figure, mean_figure, say
from bench.img2dataset import img2dataset
from bench.shop import Shop
from bench.stacks import Stacks

WARM_UP_IMAGES = 1_500
IMAGES = 3_000
ROUNDS = 2
WANTED_RATIO = 0.65
WANTED_CPU_RATIO = 1.65
WANTED_RATIO_TO_IMG2DATASET = 1.05


@dataclass(frozen=True, slots=True)
class Round:
    """The machine's speed drifts, so the yardstick is laid on before and after."""

    before: Speed
    stack: EndToEnd
    img2dataset_per_second: float
    after: Speed

    @property
    def bare(self) -> Speed:
        return Speed(
            (self.before.images_per_second + self.after.images_per_second) / 2,
            (self.before.cpu_ms_per_image + self.after.cpu_ms_per_image) / 2,
        )


def throughput(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """The bare loop has the machine for itself: also a stack without work uses some of it."""
    rounds: list[Round] = []
    before = bare_loop(shop.files, IMAGES)
    for number in range(1, ROUNDS + 1):
        say(f"round {number} of {ROUNDS}: {IMAGES} images")
        with stacks.open() as stack:
            measured = end_to_end(stack, shop, warm_up_images=WARM_UP_IMAGES, images=IMAGES)
        other = img2dataset(shop, IMAGES)
        after = bare_loop(shop.files, IMAGES)
        rounds.append(Round(before, measured, other, after))
        before = after
    return figures_of(rounds)


def figures_of(rounds: Sequence[Round]) -> Sequence[Figure]:
    speeds = [each.stack.images_per_second for each in rounds]
    bare_speeds = [each.bare.images_per_second for each in rounds]
    others = [each.img2dataset_per_second for each in rounds]
    cpu = [each.stack.cpu_ms_per_image for each in rounds]
    bare_cpu = [each.bare.cpu_ms_per_image for each in rounds]
    about_the_stack = {
        "over": "upload answered to completed",
        "images": IMAGES,
        "by_its_own_times": [each.stack.by_its_own_times for each in rounds],
        "megabytes_in": rounds[0].stack.bytes_in / 1e6,
        "megabytes_out": rounds[0].stack.bytes_out / 1e6,
    }
    return [
        mean_figure("bare_loop_images_per_second", bare_speeds, "images/s", images=IMAGES),
        mean_figure("bare_loop_cpu_ms_per_image", bare_cpu, "ms", images=IMAGES),
        mean_figure("end_to_end_images_per_second", speeds, "images/s", **about_the_stack),
        mean_figure(
            "end_to_end_ratio_to_bare_loop", _ratios(speeds, bare_speeds), "ratio", wanted=WANTED_RATIO
        ),
        mean_figure("img2dataset_images_per_second", others, "images/s", images=IMAGES),
        mean_figure(
            "end_to_end_ratio_to_img2dataset",
            _ratios(speeds, others),
            "ratio",
            wanted=WANTED_RATIO_TO_IMG2DATASET,
        ),
        mean_figure("end_to_end_cpu_ms_per_image", cpu, "ms", images=IMAGES, by_part=_mean_by_part(rounds)),
        mean_figure(
            "end_to_end_cpu_ratio_to_bare_loop", _ratios(cpu, bare_cpu), "ratio", wanted=WANTED_CPU_RATIO
        ),
    ]


def _ratios(values: Sequence[float], yardsticks: Sequence[float]) -> list[float]:
    return [value / yardstick for value, yardstick in zip(values, yardsticks, strict=True)]


def _mean_by_part(rounds: Sequence[Round]) -> Mapping[str, float]:
    every = [each.stack.cpu_ms_by_part for each in rounds]
    return {part: sum(by_part[part] for by_part in every) / len(every) for part in every[0]}
