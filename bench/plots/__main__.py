"""`make plots`: draws the pictures of docs/performance.md from docs/performance/figures.jsonl, which the
bench wrote on one machine. The same lines give the same bytes.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.plots.charts import CHARTS
from bench.plots.readings import Readings
from deploy.local.usage import refuse_arguments

FOLDER = Path(__file__).parents[2] / "docs" / "performance"
INCHES = (7.2, 3.2)


def pictures(readings: Readings) -> Iterator[tuple[str, bytes]]:
    """Each picture's file name and content."""
    with mpl.rc_context(
        {
            "svg.hashsalt": "pixmill",
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        for name, draw in CHARTS.items():
            figure, drawn = Figure(figsize=INCHES, layout="constrained"), io.BytesIO()
            draw(figure.subplots(), readings)
            figure.savefig(drawn, format="svg", metadata={"Date": None})
            yield f"{name}.svg", drawn.getvalue()


def main() -> None:
    refuse_arguments("bench.plots", __doc__, settings="")
    for name, content in pictures(Readings.of(FOLDER / "figures.jsonl")):
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
