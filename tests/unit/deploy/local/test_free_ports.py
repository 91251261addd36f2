"""Nobody is given a port that another was given, and a lease ends with its process."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.free_ports import BLOCK, BLOCKS, NoFreePorts, free_port, leased_block

ROOT = Path(__file__).parents[4]
FEW = (32_000, 32_100)  # two blocks that nobody else asks for
HOLDER = """
import sys
from deploy.local.free_ports import leased_block
with leased_block([32_000, 32_100]) as first:
    print(first, flush=True)
    sys.stdin.read()
"""


def test_a_process_is_given_no_port_twice_and_none_that_an_outgoing_connection_takes() -> None:
    ports = [free_port() for _ in range(BLOCK + 1)]
    assert len(set(ports)) == len(ports)
    outgoing = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    assert max(*ports, BLOCKS[-1] + BLOCK) <= int(outgoing[0])
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def test_a_block_is_another_s_only_after_its_lease() -> None:
    with leased_block(FEW) as first:
        with leased_block(FEW) as second:
            assert {first, second} == set(FEW)
            with pytest.raises(NoFreePorts), leased_block(FEW):
                pass
        with leased_block(FEW) as again:
            assert again == second


@pytest.mark.parametrize("offset", [0, BLOCK - 1])
def test_a_block_in_which_somebody_listens_is_passed_over(offset: int) -> None:
    listens, free = FEW
    with socket.create_server(("127.0.0.1", listens + offset)), leased_block(FEW) as first:
        assert first == free


def test_processes_share_no_block_and_a_killed_one_keeps_none() -> None:
    with holder() as one, holder() as other:
        assert {leased_by(one), leased_by(other)} == set(FEW)
        with pytest.raises(NoFreePorts), leased_block(FEW):
            pass
        other.kill()
        other.wait()
        with leased_block(FEW):
            pass


@contextmanager
def holder() -> Iterator[subprocess.Popen[str]]:
    """A process that holds one of the two."""
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def leased_by(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())
