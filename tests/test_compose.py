"""compose.yaml and Dockerfile, which are not run here: well formed, marked so, and of settings that exist and agree."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from flaghoist_origin.settings.settings import ROWS, Settings, read_settings
from tests.project import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
FILES = ("compose.yaml", "Dockerfile")
ORIGINS = ("origin-a", "origin-b")
SETTING = re.compile(r"\bFLAGHOIST_[A-Z_]+")
SUBSTITUTION = re.compile(r"\$\{(\w+)(?::[?-][^}]*)?\}")
CALLER = {"FLAGHOIST_SECRET": "s" * 32, "POSTGRES_PASSWORD": "swordfish"}


def environment(service: str) -> Mapping[str, str]:
    given: Mapping[str, str] = COMPOSE["services"][service]["environment"]
    return {name: SUBSTITUTION.sub(lambda found: CALLER.get(found[1], ""), value) for name, value in given.items()}


def in_image() -> Mapping[str, str]:
    text = (ROOT / "Dockerfile").read_text()
    return dict(pair.split("=", 1) for pair in re.findall(r"FLAGHOIST_[A-Z_]+=\S+", text))


def settings_of(service: str) -> Settings:
    return read_settings({**in_image(), **environment(service)})


@pytest.mark.parametrize("name", FILES)
def test_file__every_setting__exists(name: str) -> None:
    used = set(SETTING.findall((ROOT / name).read_text()))

    assert used
    assert used <= {row.variable for row in ROWS}


@pytest.mark.parametrize("name", FILES)
def test_file__says__that_it_was_not_run(name: str) -> None:
    assert "NOT RUN HERE" in (ROOT / name).read_text()[:300]


@pytest.mark.parametrize("service", ORIGINS)
def test_origin__settings__are_accepted(service: str) -> None:
    settings = settings_of(service)

    assert settings.database_url == "postgresql://flaghoist:swordfish@postgres:5432/flaghoist"
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)


def test_origins__are_equal_but_for_their_ports() -> None:
    one, other = (COMPOSE["services"][name] for name in ORIGINS)

    assert {**one, "ports": ()} == {**other, "ports": ()}
    assert one["ports"] != other["ports"]


def test_grace_period__outlasts_the_shutdown() -> None:
    settings = settings_of("origin-a")
    grace_seconds = int(COMPOSE["services"]["origin-a"]["stop_grace_period"].removesuffix("s"))

    assert grace_seconds > settings.shutdown_notice_seconds + settings.shutdown_seconds


def test_services__what_they_depend_on__is_there_and_has_a_health_check() -> None:
    services: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
    needed = {name for service in services.values() for name in service.get("depends_on", {})}

    assert needed == {"postgres", "valkey"}
    assert all("healthcheck" in services[name] for name in needed)


def test_dockerfile__what_it_copies__exists_and_is_not_ignored() -> None:
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")]
    copied = {name for line in lines for name in line.split()[1:-1]}
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
