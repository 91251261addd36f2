"""The pictures of docs/performance.md, each from figures that the bench wrote."""

from collections.abc import Callable, Mapping

from matplotlib.axes import Axes

from bench.plots.readings import Readings

OURS, OTHERS, SECOND, LIMIT = "#2456d6", "#9aa4b2", "#e08a1e", "#c0392b"
PEERS = {
    "Pixmill": "end_to_end_images_per_second",
    "bare loop": "bare_loop_images_per_second",
    "img2dataset at work": "img2dataset_at_work_images_per_second",
    "img2dataset, whole command": "img2dataset_images_per_second",
}
SLOWDOWNS = {
    "1,000 images of one tenant\nbeside 1,000 requests of another": "single_request_beside_crowd_slowdown",
    "3,000 images beside\n500 of a host that hangs": "healthy_beside_hanging_slowdown",
}

Chart = Callable[[Axes, Readings], None]


def throughput(axes: Axes, readings: Readings) -> None:
    rates = [readings.value(name) for name in PEERS.values()]
    colours = [OURS if name == "Pixmill" else OTHERS for name in PEERS]
    bars = axes.barh(list(PEERS), rates, color=colours)
    axes.bar_label(bars, fmt="%.0f", padding=4)
    axes.margins(x=0.12)
    axes.invert_yaxis()
    axes.set_xlabel("product-sized images a second (more is better)")


def latency(axes: Axes, readings: Readings) -> None:
    lines = dict(readings.by("one_image_under_load_ms", "beside_per_second"))
    names = [name if name.isdigit() else "as many\nas go" for name in lines]
    axes.plot(names, [line["p95"] for line in lines.values()], marker="o", color=SECOND, label="19 of 20")
    axes.plot(names, [line["p50"] for line in lines.values()], marker="o", color=OURS, label="half of them")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("images a second that the stack works on besides")
    axes.set_ylabel("one image, upload to done, ms")
    axes.legend(frameon=False)


def cost(axes: Axes, readings: Readings) -> None:
    for name, label, colour in (
        ("million_cpu_ms_per_image", "asked for and completed", OURS),
        ("million_planning_cpu_ms_per_image", "planned", SECOND),
    ):
        lines = dict(readings.by(name, "of_each_request"))
        sizes, costs = [f"{size:,}" for size in lines], [line["value"] for line in lines.values()]
        axes.plot(sizes, costs, marker="o", color=colour, label=label)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("images in a request")
    axes.set_ylabel("CPU around the work, ms an image")
    axes.legend(frameon=False)


def fairness(axes: Axes, readings: Readings) -> None:
    times = [readings.value(name) for name in SLOWDOWNS.values()]
    bars = axes.barh(list(SLOWDOWNS), times, color=OURS)
    axes.bar_label(bars, fmt="%.2f", padding=4)
    axes.axvline(1, color=OTHERS, linestyle="--")
    axes.axvline(2, color=LIMIT, linestyle="--")
    axes.set_xlabel("times as long as alone (grey: alone; red: the promise)")


def far_host(axes: Axes, readings: Readings) -> None:
    lines = dict(readings.by("far_host_images_per_second", "processors"))
    processors, some = list(lines), next(iter(lines.values()))
    most = some["requests_per_host"] / (some["delay_ms"] / 1000)
    axes.plot(
        processors, [line["value"] for line in lines.values()], marker="o", color=OURS, label="measured"
    )
    axes.plot(processors, [most * each for each in processors], "--", color=OTHERS, label="the host's limit")
    axes.set_xticks(processors)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("processors, a host 0.3 s away")
    axes.set_ylabel("images a second")
    axes.legend(frameon=False)


CHARTS: Mapping[str, Chart] = {
    "throughput": throughput,
    "latency": latency,
    "cost": cost,
    "fairness": fairness,
    "far-host": far_host,
}
