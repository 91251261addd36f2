"""A step that succeeds and warns."""

import sys

print("warning: image.done has 2 partitions, declared are 6", file=sys.stderr)  # noqa: T201
