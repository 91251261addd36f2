"""The bench believes nothing unseen: outputs are looked at, ratios are taken round by round."""

import argparse

import pytest

from bench.__main__ import MEASURES, measures_named
from bench.figures import WrongResult
from bench.measures.speed.end_to_end import EndToEnd, own_seconds
from bench.measures.speed.throughput import CAMERA_LOAD, PRODUCT_LOAD, Round, figures_of
from bench.world.user import check_output
from bench.yardsticks.bare_loop import Speed
from bench.yardsticks.img2dataset import OtherSpeed
from tests.worlds.files.pictures import noise, saved


def picture(size: tuple[int, int] = (64, 48), form: str = "JPEG", quality: int = 90) -> bytes:
    return saved(noise(size).convert("RGB"), form, quality=quality)


def test_a_smaller_jpeg_of_the_same_size_is_believed() -> None:
    check_output(picture(), picture(quality=50))


@pytest.mark.parametrize(
    "output",
    [picture(quality=95), picture((32, 24)), picture(form="PNG")],
    ids=["larger", "other dimensions", "other format"],
)
def test_anything_else_is_a_wrong_result(output: bytes) -> None:
    with pytest.raises(WrongResult, match="became"):
        check_output(picture(), output)


def test_a_truncated_output_is_no_image() -> None:
    with pytest.raises(OSError, match="truncated"):
        check_output(picture(), picture(quality=50)[:-200])


def test_a_request_tells_its_own_duration() -> None:
    request = {"created_at": "2026-11-21T03:00:00.500Z", "completed_at": "2026-11-21T03:01:00.750Z"}
    assert own_seconds(request) == 60.25


def a_round(before: float, stack: float, after: float) -> Round:
    measured = EndToEnd(
        images_per_second=stack,
        by_its_own_times=stack,
        cpu_ms_by_part={"kafka": 2.0, "decoders": 6.0},
        bytes_in=2_000_000,
        bytes_out=1_000_000,
    )
    return Round(Speed(before, 4.0), measured, OtherSpeed(100.0, 120.0), Speed(after, 4.0))


def test_each_round_is_compared_with_the_yardstick_around_it() -> None:
    rounds = [a_round(300, 150, 100), a_round(100, 150, 500)]
    figures = {figure.name: figure for figure in figures_of(rounds, PRODUCT_LOAD)}
    assert figures["bare_loop_images_per_second"].about["rounds"] == [200, 300]
    assert figures["end_to_end_images_per_second"].value == 150
    assert figures["end_to_end_ratio_to_bare_loop"].value == (0.75 + 0.5) / 2
    assert figures["end_to_end_ratio_to_img2dataset"].value == 1.5
    assert figures["end_to_end_ratio_to_img2dataset_at_work"].value == 1.25
    assert figures["end_to_end_cpu_ms_per_image"].value == 8
    assert figures["end_to_end_cpu_ms_per_image"].about["by_part"] == {"kafka": 2, "decoders": 6}
    assert figures["end_to_end_cpu_ratio_to_bare_loop"].value == 2
    camera = [figure.name for figure in figures_of(rounds, CAMERA_LOAD)]
    assert camera == [f"camera_{name}" for name in figures]


def test_measures_are_chosen_by_name_and_run_in_their_own_order() -> None:
    assert measures_named("upload, one_image") == ["one_image", "upload"]


def test_an_unknown_measure_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="speed; there are") as caught:
        measures_named("upload,speed")
    assert all(name in str(caught.value) for name in MEASURES)
