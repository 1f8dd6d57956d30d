"""The files that containers are made from say what the house knows: variables, commands, folders, a valid proxy."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DOCUMENTED = set(re.findall(r"`(OPENHALL_\w+)`", (ROOT / "docs/settings.md").read_text(encoding="utf-8")))


def commands() -> list[list[str]]:
    """Return every command of ours that a container runs."""
    found = [service.get("command", []) for service in COMPOSE["services"].values()]
    found += [json.loads(line) for line in re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)]
    return [command for command in found if command[:2] == [".venv/bin/python", "manage.py"]]


def test_every_variable_is_a_documented_setting():
    environment = COMPOSE["x-house"]["environment"]
    named = set(environment) | set(re.findall(r"OPENHALL_\w+", DOCKERFILE + str(environment)))
    assert named
    assert named <= DOCUMENTED


def test_every_command_exists_and_takes_its_options():
    assert len(commands()) == 3
    for _python, _manage, name, *options in commands():
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        # Ends the test with the parser's own words if one is not known.
        parser.parse_args(options)


def test_every_room_is_in_the_image_and_what_answers_no_http_is_not_asked():
    rooms = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"project", "wiki"}
    assert rooms <= set(re.search(r"compileall -q (.*)", DOCKERFILE)[1].split())
    for source in re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.MULTILINE):
        assert all((ROOT / name).exists() for name in source.split())
    for name in ("worker", "prepare"):
        assert COMPOSE["services"][name]["healthcheck"] == {"disable": True}


def test_pg_dump_in_the_image_is_as_new_as_the_server():
    # Debian's releases and the PostgreSQL they bring.
    brings = {"bookworm": 15, "trixie": 17}
    release = re.search(r"^FROM python:[\d.]+-slim-(\w+)", DOCKERFILE, re.MULTILINE)[1]
    assert "postgresql-client" in DOCKERFILE
    assert brings[release] >= int(COMPOSE["services"]["database"]["image"].partition(":")[2])


def test_the_proxy_understands_its_file(tmp_path):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists():
        pytest.skip("nginx is not installed")
    words = (ROOT / "docs/nginx.conf").read_text(encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; error_log {tmp_path}/log;\n{words}", encoding="utf-8")
    told = subprocess.run([nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
    # The rest of what it says is about folders that only an installed one has.
    assert "syntax is ok" in told.stderr
