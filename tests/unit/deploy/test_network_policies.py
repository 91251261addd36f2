"""What the network policies mean: who may talk to whom, and to no one else."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from shared.outbound.addresses import is_blocked
from tests.worlds.deployment.rendered import Peer, Policies

DEV, PRODUCTION = Policies("overlays/dev"), Policies("overlays/production")
PODS = (
    "gateway",
    "ingest",
    "status",
    "processor",
    "notifier",
    "topics",
    "migrate",
    "kafka",
    "postgres",
    "store",
)
PORTS = {"kafka": 9092, "postgres": 5432, "store": 7070}
ALLOWED = {
    *[("gateway", "ingest"), ("gateway", "status")],
    *[(pod, "kafka") for pod in ("ingest", "status", "processor", "notifier", "topics", "kafka")],
    *[(pod, "postgres") for pod in ("status", "migrate")],
    *[(pod, "store") for pod in ("ingest", "status", "processor")],
}
PUBLIC = ("93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "1.1.1.1")
PRIVATE = (
    *("10.1.2.3", "127.0.0.1", "169.254.169.254", "172.20.0.1", "192.168.1.1", "100.100.100.200"),
    *("168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0"),
    *("::1", "fe80::1", "fd00::1", "64:ff9b::a00:1", "2002:a00:1::", "::ffff:10.0.0.1"),
    *("2001:db8::1", "ff02::1"),
)  # fmt: skip
PROMETHEUS, KEDA = Peer(namespace="monitoring"), Peer(namespace="keda")
CONTROLLER = Peer(namespace="ingress-nginx")
DNS = Peer({"k8s-app": "kube-dns"}, namespace="kube-system")
SERVICES = ("ingest", "status", "processor", "notifier")


@pytest.mark.parametrize("source", PODS)
@pytest.mark.parametrize("target", PODS)
def test_pods_talk_to_those_they_need_and_to_no_other(source: str, target: str) -> None:
    """R20: only status, and what makes its tables, reaches Postgres."""
    port = PORTS.get(target, 8080 if target == "gateway" else 8000)
    assert DEV.allow(DEV.pod(source), DEV.pod(target), port) == ((source, target) in ALLOWED)


@pytest.mark.parametrize("pod", PODS[:7])
@pytest.mark.parametrize("address", PUBLIC)
def test_only_processor_and_notifier_reach_the_internet(pod: str, address: str) -> None:
    """R20"""
    may = pod in {"processor", "notifier"}
    assert PRODUCTION.allow(PRODUCTION.pod(pod), Peer(address=address), 443) == may


@pytest.mark.parametrize("pod", ["processor", "notifier"])
@pytest.mark.parametrize("address", PRIVATE)
def test_and_no_private_range_not_even_they(pod: str, address: str) -> None:
    """R20: the same addresses that the services refuse themselves."""
    parsed = IPv6Address(address) if ":" in address else IPv4Address(address)
    assert is_blocked(parsed)
    assert not PRODUCTION.allow(PRODUCTION.pod(pod), Peer(address=address), 443)


def test_the_policies_refuse_exactly_the_ranges_that_the_services_refuse() -> None:
    pod = PRODUCTION.pod("processor")
    for first in range(256):
        for second in (0, 18, 51, 64, 88, 100, 127, 168, 175, 254):
            address = IPv4Address(f"{first}.{second}.100.7")
            assert PRODUCTION.allow(pod, Peer(address=str(address)), 80) != is_blocked(address), address


@pytest.mark.parametrize("pod", SERVICES)
def test_prometheus_scrapes_every_service_and_keda_asks_status_alone(pod: str) -> None:
    """R21"""
    assert DEV.allow(PROMETHEUS, DEV.pod(pod), 8000)
    assert DEV.allow(KEDA, DEV.pod(pod), 8000) == (pod == "status")


@pytest.mark.parametrize("pod", PODS)
def test_from_outside_only_the_gateway_is_reached(pod: str) -> None:
    """R25"""
    port = PORTS.get(pod, 8080 if pod == "gateway" else 8000)
    assert DEV.allow(CONTROLLER, DEV.pod(pod), port) == (pod == "gateway")
    assert not DEV.allow(Peer(namespace="somebody-elses"), DEV.pod(pod), port)


@pytest.mark.parametrize("pod", PODS)
def test_everyone_may_ask_for_names(pod: str) -> None:
    assert DEV.allow(DEV.pod(pod), DNS, 53)


def test_in_production_only_status_reaches_the_network_of_postgres() -> None:
    """R20"""
    for pod in PODS[:7]:
        reaches = PRODUCTION.allow(PRODUCTION.pod(pod), Peer(address="10.20.1.4"), 5432)
        assert reaches == (pod in {"status", "migrate"})
        assert not PRODUCTION.allow(PRODUCTION.pod(pod), Peer(address="10.20.9.4"), 5432)
