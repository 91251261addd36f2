"""Processors give way to what people wait for, and nobody else's work starves them."""

from typing import Any

import pytest

from deploy.local.services import NICENESS
from tests.worlds.deployment.deployed import SERVICES, compose
from tests.worlds.deployment.rendered import OVERLAYS, of_kind, pod_of

ONE_LEVEL = 1.25  # by which the kernel's weights differ from one niceness to the next
DEFAULT_SHARES = 1024


def test_a_processor_of_the_local_stack_gets_half_of_what_another_program_gets() -> None:
    assert 0.5 <= 1 / ONE_LEVEL ** NICENESS["processor"] < 1
    assert set(NICENESS) == {"processor"}


def test_a_processor_of_compose_gets_half_of_what_another_service_gets() -> None:
    """R18"""
    shares = {name: compose()["services"][name].get("cpu_shares", DEFAULT_SHARES) for name in SERVICES}
    assert shares.pop("processor") == DEFAULT_SHARES / 2
    assert set(shares.values()) == {DEFAULT_SHARES}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_processor_of_kubernetes_is_promised_as_much_of_a_core_as_any_other_service(overlay: str) -> None:
    """R18: what is requested is had, however busy the node is."""
    workloads = of_kind(overlay, "Deployment")
    promised = {name: cores_requested(workloads[name]) for name in SERVICES}
    assert promised["processor"] == max(promised.values())
    assert min(promised.values()) > 0


def cores_requested(workload: Any) -> float:
    (container,) = pod_of(workload)["spec"]["containers"]
    amount = str(container["resources"]["requests"]["cpu"])
    return float(amount.removesuffix("m")) / (1_000 if amount.endswith("m") else 1)
