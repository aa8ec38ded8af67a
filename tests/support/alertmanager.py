"""A real Alertmanager with the configuration that is shipped, but for who takes its alerts."""

from pathlib import Path

import yaml

from services.supervisor import probe
from services.supervisor.ports import free_port
from tests.support.processes import ROOT, Processes, wait_for

ALERTMANAGER_FILE = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"


def start_alertmanager(
    processes: Processes, folder: Path, api: str = "http://127.0.0.1:1", token: str = ""
) -> str:
    """Start it; its address. Alerts go to the api at that address, with that token."""
    config = yaml.safe_load(ALERTMANAGER_FILE.read_text("utf-8"))
    (hook,) = next(one for one in config["receivers"] if one["name"] == "alarms")["webhook_configs"]
    credentials = folder / "alertmanager-token"
    credentials.write_text(token, "utf-8")
    hook["url"] = f"{api}/api/v1/alertmanager"
    hook["http_config"] = {"authorization": {"credentials_file": str(credentials)}}
    file, port = folder / "alertmanager.yml", free_port()
    file.write_text(yaml.safe_dump(config), "utf-8")
    command = ["prometheus-alertmanager", f"--config.file={file}", "--cluster.listen-address="]
    command += [f"--web.listen-address=127.0.0.1:{port}", f"--storage.path={folder / 'data'}"]
    child = processes.run(*command)
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: probe.http_answers(f"{url}/-/ready"), say=child.tail)
    return url
