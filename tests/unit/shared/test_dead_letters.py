"""What an operator sees of dead letters, be it the first ten of thousands."""

import subprocess
import sys

import pytest

from shared.dead_letters import tell
from tests.worlds.deployment.deployed import ROOT
from tests.worlds.patience import DEADLINE_SECONDS


@pytest.mark.parametrize(("lines", "told"), [([], ""), (["one", "two"], "one\ntwo\n")])
def test_each_has_a_line(lines: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    tell(lines)
    assert capsys.readouterr().out == told


def test_whoever_reads_the_first_ones_alone_sees_no_traceback() -> None:
    """R21: as by `show image.requested | head`."""
    program = "from shared.dead_letters import tell; tell(['a letter'] * 100_000)"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as telling:
        assert telling.stdout is not None
        assert telling.stderr is not None
        assert telling.stdout.readline() == b"a letter\n"
        telling.stdout.close()
        assert (telling.stderr.read(), telling.wait(DEADLINE_SECONDS)) == (b"", 0)
