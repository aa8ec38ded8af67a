"""The lines of docs/systemd.md, typed as they stand but for their paths, give what runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.supervisor import probe
from services.supervisor.ports import free_port
from tests.support.processes import ROOT, Processes, base_env, wait_for

pytestmark = pytest.mark.mosquitto
PAGE = (ROOT / "docs/systemd.md").read_text("utf-8")
LINES = [line.removeprefix("    ") for line in PAGE.splitlines() if line.startswith("    ")]
NEEDS_BOOT = ("sudo systemctl", "sudo omf", "sudo python3", "sudo /opt/omf/bin/pip")
"""A booted machine, or a package index (what is locked: tests/security/test_supply.py)."""
FOLDERS = (
    *("etc/redis", "etc/omf", "etc/mosquitto", "etc/systemd/system", "usr/local/bin"),
    *("var/lib/redis", "var/lib/mosquitto", "var/lib/omf-ui"),
)
PAGES = 65532
"""Any user but root."""


def typed(root: Path, text: str) -> str:
    """The same without sudo, below `root`."""
    moved = re.sub(r"(?<![\w.])/(etc|var/lib|usr/local/bin)/", rf"{root}/\1/", text)
    moved = moved.replace(".venv/bin/python", sys.executable)
    moved = moved.replace("/opt/omf/bin/omf", f"{sys.executable} -m services.cli")
    return moved.replace("sudo ", "")


def run(line: str) -> subprocess.CompletedProcess[str]:
    command, env = ["sh", "-eu", "-c", line], base_env({})
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def moved_to(path: Path, pattern: str, new: str) -> None:
    text, found = re.subn(pattern, new, path.read_text("utf-8"))
    assert found == 1, path
    path.write_text(text, "utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root on which the lines were typed."""
    if os.geteuid():
        pytest.xfail("only root may give files to the servers' users")
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    lines = "\n".join(line for line in LINES if not line.startswith(NEEDS_BOOT))
    done = run(typed(tmp_path, lines))
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_store_broker_and_tools_of_a_machine_without_containers(
    machine: Path, processes: Processes
) -> None:
    port = free_port()
    conf = machine / "etc/redis/redis.conf"
    moved_to(conf, r"(?m)^port \d+$", f"port {port}")
    store = processes.run("redis-server", str(conf))
    conf = machine / "etc/mosquitto/omf-mock.conf"
    listener = free_port()
    moved_to(conf, r"(?m)^listener 8883$", f"listener {listener}\nuser root")
    broker = processes.run("mosquitto", "-c", str(conf))
    url = f"mqtts://127.0.0.1:{listener}?ca={machine / 'etc/omf/secrets/ca.crt'}"
    wait_for(lambda: probe.broker_answers(url), say=broker.tail)
    assert "listener 8884" in conf.with_stem("omf-replay").read_text("utf-8")
    wait_for(lambda: probe.store_answers(f"redis://127.0.0.1:{port}"), say=store.tail)
    runbook = (ROOT / "docs/runbook.md").read_text("utf-8")
    (keeper,) = re.findall(r"(?m)^    (keeper\(\) \{ sudo .*)$", runbook)
    keeper = typed(machine, keeper).replace("valkey-cli ", f"redis-cli -p {port} ")
    assert run(f"{keeper}\nkeeper ping").stdout == "PONG\n"
    told = set(re.findall(r"`(keeper [^`]+)`", " ".join(runbook.split())))
    assert len(told) > 6
    for line in told - {"keeper config set"}:
        done = run(f"{keeper}\n{line.replace(' ID', ' 1-1')}")
        assert not re.search(r"NOPERM|ERR|AUTH", done.stdout + done.stderr), line
    _tools(machine, port)


def _tools(machine: Path, port: int) -> None:
    tool = machine / "usr/local/bin/omf"
    tool.write_text(typed(machine, tool.read_text("utf-8")).replace(":6379", f":{port}"), "utf-8")
    os.chown(machine / "var/lib/omf-ui", PAGES, PAGES)
    users = machine / "var/lib/omf-ui/users.jsonl"
    users.touch()
    looked = run(f"{tool} status --json")
    assert users.stat().st_uid == PAGES, "the pages can read what root wrote"
    assert '"part":"store","environment":null,"state":"ok"' in looked.stdout, looked.stderr
    for part in ("ingest-live", "gateway-mock", "station-replay", "ui", "broker-live"):
        assert f'"part":"{part}"' in looked.stdout
    assert run(f"{tool} backup --out {machine / 'copy'}").returncode == 0
