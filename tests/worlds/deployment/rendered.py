"""deploy/k8s as kustomize renders it, and who may talk to whom by its network policies."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

import yaml

from tests.worlds.deployment.deployed import ROOT, Deployed
from tests.worlds.deployment.tools import KUSTOMIZE
from tests.worlds.patience import DEADLINE_SECONDS

OVERLAYS = ("base", "overlays/dev", "overlays/production")
NAMESPACE = "pixmill"
WORKLOADS = ("Deployment", "StatefulSet", "Job")

Object = Mapping[str, Any]


@cache
def rendered(overlay: str) -> Sequence[Object]:
    command = [str(KUSTOMIZE), "build", str(ROOT / "deploy" / "k8s" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=DEADLINE_SECONDS)
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))


def of_kind(overlay: str, *kinds: str) -> dict[str, Object]:
    return {each["metadata"]["name"]: each for each in rendered(overlay) if each["kind"] in kinds}


def pod_of(workload: Object) -> Object:
    pod: Object = workload["spec"]["template"]
    return pod


def deployed(overlay: str, name: str, secrets: Mapping[str, str]) -> Deployed:
    """The command and environment of a workload's container, every reference followed."""
    (container,) = pod_of(of_kind(overlay, *WORKLOADS)[name])["spec"]["containers"]
    settings = of_kind(overlay, "ConfigMap")["pixmill"]["data"]
    told = {each["name"]: _value(each, settings, secrets) for each in container["env"]}
    given = {key: value for key, value in told.items() if value is not None}
    return Deployed(tuple(container["command"]), given)


def _value(variable: Object, settings: Mapping[str, str], secrets: Mapping[str, str]) -> str | None:
    """None for one that may be missing and is."""
    if "value" in variable:
        value: str = variable["value"]
        return value
    source = variable["valueFrom"]
    if "configMapKeyRef" in source:
        return settings[source["configMapKeyRef"]["key"]]
    secret = source["secretKeyRef"]
    assert secret["name"] == "pixmill"
    return secrets.get(secret["key"]) if secret.get("optional") else secrets[secret["key"]]


@dataclass(frozen=True, slots=True)
class Peer:
    """One side of a connection: a pod, or an address outside the cluster."""

    labels: Mapping[str, str] = field(default_factory=dict)
    namespace: str = NAMESPACE
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """What the policies of one overlay allow, as the Kubernetes documentation defines it."""

    overlay: str

    def allow(self, source: Peer, target: Peer, port: int) -> bool:
        return self._passes(source, target, port, "Egress") and self._passes(target, source, port, "Ingress")

    def _passes(self, own: Peer, other: Peer, port: int, direction: str) -> bool:
        """A pod that no policy of this direction selects is open; otherwise one rule must let it through."""
        if own.address is not None or own.namespace != NAMESPACE:
            return True
        selecting = [policy["spec"] for policy in self._selecting(own, direction)]
        side = {"Egress": ("egress", "to"), "Ingress": ("ingress", "from")}[direction]
        rules = [rule for spec in selecting for rule in spec.get(side[0]) or ()]
        return not selecting or any(_matches(rule, rule.get(side[1]), other, port) for rule in rules)

    def _selecting(self, pod: Peer, direction: str) -> Iterator[Object]:
        for policy in of_kind(self.overlay, "NetworkPolicy").values():
            spec = policy["spec"]
            if direction in spec["policyTypes"] and _selects(spec["podSelector"], pod.labels):
                yield policy

    def pod(self, name: str) -> Peer:
        return Peer(pod_of(of_kind(self.overlay, *WORKLOADS)[name])["metadata"]["labels"])


def _matches(rule: Object, peers: Sequence[Object] | None, other: Peer, port: int) -> bool:
    ports = rule.get("ports")
    if ports is not None and port not in [each["port"] for each in ports]:
        return False
    return peers is None or any(_is_peer(peer, other) for peer in peers)


def _is_peer(peer: Object, other: Peer) -> bool:
    if "ipBlock" in peer:
        return other.address is not None and _in_block(peer["ipBlock"], other.address)
    if other.address is not None:
        return False
    if "namespaceSelector" in peer:
        of_namespace = {"kubernetes.io/metadata.name": other.namespace}
        in_namespace = _selects(peer["namespaceSelector"], of_namespace)
    else:
        in_namespace = other.namespace == NAMESPACE
    return in_namespace and _selects(peer.get("podSelector", {}), other.labels)


def _in_block(block: Object, text: str) -> bool:
    address = ip_address(text)
    excepted = any(address in ip_network(each) for each in block.get("except", ()))
    return address in ip_network(block["cidr"]) and not excepted


def _selects(selector: Object, labels: Mapping[str, str]) -> bool:
    wanted = selector.get("matchLabels", {}).items()
    expressions = selector.get("matchExpressions", ())
    assert all(each["operator"] == "In" for each in expressions)
    return all(labels.get(key) == value for key, value in wanted) and all(
        labels.get(each["key"]) in each["values"] for each in expressions
    )


def secret_keys(overlay: str) -> set[str]:
    """The keys of Secret `pixmill` that the workloads cannot do without."""
    containers = [
        container
        for workload in of_kind(overlay, *WORKLOADS).values()
        for container in pod_of(workload)["spec"]["containers"]
    ]
    return {
        variable["valueFrom"]["secretKeyRef"]["key"]
        for container in containers
        for variable in container.get("env", ())
        if not variable.get("valueFrom", {}).get("secretKeyRef", {"optional": True}).get("optional")
    }
