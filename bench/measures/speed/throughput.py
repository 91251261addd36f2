"""Large requests end to end, beside the bare loop and img2dataset on the same files in the same run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.figures import Figure, mean_figure, say
from bench.measures.speed.end_to_end import EndToEnd, end_to_end
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from bench.yardsticks.bare_loop import Speed, bare_loop
from bench.yardsticks.img2dataset import OtherSpeed, img2dataset

WANTED_RATIO = 1.0
WANTED_CPU_RATIO = 0.95
WANTED_RATIO_TO_IMG2DATASET = 2.0  # the whole command
WANTED_RATIO_TO_IMG2DATASET_AT_WORK = 1.25


@dataclass(frozen=True, slots=True)
class Load:
    """How much is measured, under which names."""

    prefix: str
    warm_up_images: int
    images: int
    rounds: int


PRODUCT_LOAD = Load("", 1_500, 3_000, 2)
CAMERA_LOAD = Load("camera_", 40, 160, 1)


@dataclass(frozen=True, slots=True)
class Round:
    """The machine's speed drifts, so the bare loop is measured before and after."""

    before: Speed
    stack: EndToEnd
    img2dataset: OtherSpeed
    after: Speed

    @property
    def bare(self) -> Speed:
        return Speed(
            (self.before.images_per_second + self.after.images_per_second) / 2,
            (self.before.cpu_ms_per_image + self.after.cpu_ms_per_image) / 2,
        )


def throughput(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    return figures_of(_rounds(stacks, shop, PRODUCT_LOAD), PRODUCT_LOAD)


def camera(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """Images of 12 to 16 megapixels: the codec is nearly everything."""
    return figures_of(_rounds(stacks, shop, CAMERA_LOAD), CAMERA_LOAD)


def _rounds(stacks: Stacks, shop: Shop, load: Load) -> Sequence[Round]:
    """The bare loop has the machine to itself: even a stack without work uses some of it."""
    rounds: list[Round] = []
    before = bare_loop(shop.files, load.images)
    for number in range(1, load.rounds + 1):
        say(f"round {number} of {load.rounds}: {load.images} images")
        with stacks.open() as stack:
            measured = end_to_end(stack, shop, warm_up_images=load.warm_up_images, images=load.images)
        other = img2dataset(shop, load.images)
        after = bare_loop(shop.files, load.images)
        rounds.append(Round(before, measured, other, after))
        before = after
    return rounds


def figures_of(rounds: Sequence[Round], load: Load) -> Sequence[Figure]:
    speeds = [each.stack.images_per_second for each in rounds]
    bare_speeds = [each.bare.images_per_second for each in rounds]
    others = [each.img2dataset.of_the_command for each in rounds]
    others_at_work = [each.img2dataset.at_work for each in rounds]
    cpu = [each.stack.cpu_ms_per_image for each in rounds]
    bare_cpu = [each.bare.cpu_ms_per_image for each in rounds]
    about_the_stack = {
        "over": "upload answered to completed",
        "images": load.images,
        "by_its_own_times": [each.stack.by_its_own_times for each in rounds],
        "megabytes_in": rounds[0].stack.bytes_in / 1e6,
        "megabytes_out": rounds[0].stack.bytes_out / 1e6,
    }

    def figure(name: str, values: Sequence[float], unit: str, **about: Any) -> Figure:
        return mean_figure(load.prefix + name, values, unit, **about)

    def ratio(yardstick: str, values: Sequence[float], wanted: float) -> Figure:
        return figure(f"end_to_end_ratio_to_{yardstick}", _ratios(speeds, values), "ratio", wanted=wanted)

    return [
        figure("bare_loop_images_per_second", bare_speeds, "images/s", images=load.images),
        figure("bare_loop_cpu_ms_per_image", bare_cpu, "ms", images=load.images),
        figure("img2dataset_images_per_second", others, "images/s", images=load.images),
        figure("img2dataset_at_work_images_per_second", others_at_work, "images/s", images=load.images),
        figure("end_to_end_images_per_second", speeds, "images/s", **about_the_stack),
        ratio("bare_loop", bare_speeds, WANTED_RATIO),
        ratio("img2dataset", others, WANTED_RATIO_TO_IMG2DATASET),
        ratio("img2dataset_at_work", others_at_work, WANTED_RATIO_TO_IMG2DATASET_AT_WORK),
        figure("end_to_end_cpu_ms_per_image", cpu, "ms", images=load.images, by_part=_mean_by_part(rounds)),
        figure(
            "end_to_end_cpu_ratio_to_bare_loop",
            _ratios(cpu, bare_cpu),
            "ratio",
            wanted_at_most=WANTED_CPU_RATIO,
        ),
    ]


def _ratios(values: Sequence[float], yardsticks: Sequence[float]) -> list[float]:
    return [value / yardstick for value, yardstick in zip(values, yardsticks, strict=True)]


def _mean_by_part(rounds: Sequence[Round]) -> Mapping[str, float]:
    every = [each.stack.cpu_ms_by_part for each in rounds]
    return {part: sum(by_part[part] for by_part in every) / len(every) for part in every[0]}
