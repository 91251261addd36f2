"""Every fault there is, in the order in which they are told."""

from collections.abc import Sequence

from chaos.live.faults import (
    disks,
    ends,
    freezes,
    gaps,
    machine,
    network,
    poison,
    power_cut,
    replay,
    scale,
    together,
)
from chaos.live.faults.fault import Fault

KINDS = (ends, freezes, together, power_cut, disks, network, machine, scale, replay, poison, gaps)
FAULTS: Sequence[Fault] = tuple(fault for kind in KINDS for fault in kind.faults())
