"""What deploy/ says fits the product: its settings, its health checks and its parts exist."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
import yaml

from bot.settings import PROJECT_ROOT, Settings

DEPLOY = PROJECT_ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
NGINX = (DEPLOY / "nginx" / "nginx.conf").read_text()
MANIFESTS: list[dict[str, Any]] = [
    manifest
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for manifest in yaml.safe_load_all(path.read_text())
]
SETTINGS = {spec.metadata["env"] for spec in fields(Settings)}
# Read by deploy/endpoints.yml and by Redis, not by the product.
OTHERS = {"ACTION_URL", "REDIS_PASSWORD"}
PARTS = {"gateway": "serve", "rasa": "--enable-api", "actions": "actions"}


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == kind}


def test_every_setting_in_the_manifests_is_one_of_the_product() -> None:
    config, secret = of_kind("ConfigMap")["bot"]["data"], of_kind("Secret")["bot"]["stringData"]
    assert set(config) | set(secret) <= SETTINGS | OTHERS
    assert {"DATABASE_URL", "RASA_TOKEN", "SECRET_KEY", "REDIS_URL"} <= set(secret)


@pytest.mark.parametrize("service", ["gateway-1", "rasa-1", "actions-1", "migrate"])
def test_every_setting_in_compose_is_one_of_the_product(service: str) -> None:
    assert set(COMPOSE["services"][service]["environment"]) <= SETTINGS | OTHERS


def test_nginx_names_only_services_of_compose_and_each_of_two() -> None:
    named = set(re.findall(r"^\s+server ([\w-]+):\d+ ", NGINX, re.MULTILINE))
    assert named == {f"{part}-{number}" for part in PARTS for number in (1, 2)}
    assert named <= set(COMPOSE["services"])


def test_nginx_finds_a_part_that_was_replaced_and_leaves_none_alone_for_long() -> None:
    servers = re.findall(r"^\s+server [\w-]+:\d+ (.*);", NGINX, re.MULTILINE)
    assert servers and set(servers) == {"resolve max_fails=1 fail_timeout=1s"}
    assert len(re.findall(r"^\s+zone \w+ ", NGINX, re.MULTILINE)) == len(PARTS)
    assert COMPOSE["services"]["nginx"]["image"].startswith("nginx:1.28")


def test_no_secret_is_written_down() -> None:
    for line in (DEPLOY / "env.example").read_text().splitlines():
        if re.match(r"[A-Z_]*(PASSWORD|TOKEN|KEY)=", line):
            assert line.endswith("=")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_replaced_without_a_moment_of_fewer(part: str) -> None:
    deployment = of_kind("Deployment")[part]["spec"]
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert deployment["replicas"] == of_kind("HorizontalPodAutoscaler")[part]["spec"]["minReplicas"] >= 2
    assert of_kind("PodDisruptionBudget")[part]["spec"]["maxUnavailable"] == 1
    (container,) = deployment["template"]["spec"]["containers"]
    assert PARTS[part] in container["command"]
    assert container["lifecycle"]["preStop"]


def test_probes_ask_for_paths_that_say_what_they_are_asked_for() -> None:
    probes = {
        (part, name.removesuffix("Probe")): probe["httpGet"]["path"]
        for part in PARTS
        for name, probe in of_kind("Deployment")[part]["spec"]["template"]["spec"]["containers"][0].items()
        if name.endswith("Probe")
    }
    # Without a model or a database the gateway still has an apology, phones and a person to offer.
    assert probes["gateway", "startup"] == "/readyz"
    assert probes["gateway", "readiness"] == probes["gateway", "liveness"] == "/healthz"
    # Rasa's own `/` says 200 without a model; `/status` wants a token that a probe can't carry.
    assert {probes["rasa", kind] for kind in ("startup", "readiness", "liveness")} == {"/webhooks/gateway/"}
    assert {probes["actions", kind] for kind in ("startup", "readiness", "liveness")} == {"/health"}


def test_counts_for_operators_stay_inside() -> None:
    paths = of_kind("Ingress")["bot"]["spec"]["rules"][0]["http"]["paths"]
    assert {path["path"]: path["pathType"] for path in paths}["/"] == "Exact"
    assert not any(path["path"].startswith("/metrics") for path in paths)
    assert re.search(r"location = /metrics \{\s+return 404;", NGINX)


def test_only_rasa_workers_reach_action_servers() -> None:
    policy = of_kind("NetworkPolicy")["actions"]["spec"]
    (rule,) = policy["ingress"]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "rasa"}}}]
