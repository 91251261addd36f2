"""Explores the lives deeper than the tests do: `python -m chaos.model [DEPTH]`, 11 takes a minute or two."""

import argparse
import json
from dataclasses import asdict

from chaos.model import delivery_life, image_life
from chaos.model.explore import explore

DEPTH = 11


def main() -> None:
    depth = _depth()
    for host in (image_life.SERVES_WELL, image_life.FAILS_AT_TIMES, image_life.HAS_NO_IMAGE):
        found = explore(image_life.START, image_life.steps_with(host), image_life.PROMISES, depth=depth)
        print(json.dumps({"life": "image", "depth": depth, **asdict(host), **asdict(found)}))
    silent = explore(
        image_life.START, image_life.steps_with(image_life.SERVES_WELL), image_life.GOOD_HOST, depth=depth
    )
    print(json.dumps({"life": "image of a good host", "depth": depth, **asdict(silent)}))
    found = explore(delivery_life.START, delivery_life.steps, delivery_life.PROMISES, depth=depth)
    print(json.dumps({"life": "delivery", "depth": depth, **asdict(found)}))


def _depth() -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos.model", description=__doc__)
    parser.add_argument("depth", type=int, nargs="?", default=DEPTH, help=f"steps, {DEPTH} if not given")
    depth: int = parser.parse_args().depth
    return depth


if __name__ == "__main__":
    main()
