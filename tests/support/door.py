"""The real user interface process, over a store that no factory writes to."""

import subprocess
import sys
from pathlib import Path

import httpx

from services.supervisor.ports import free_port
from tests.support.processes import ROOT, Processes, Service, base_env, wait_for

PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that exist in tests only


class Door:
    """A started ui process, its address, and the folder of its users."""

    def __init__(
        self, processes: Processes, store_url: str, port: int = 0, **settings: str
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.users = processes.folder / "users.jsonl"
        self.service: Service = processes.service(
            "ui",
            environments="mock",
            store_url=store_url,
            ui_port=str(self.port),
            ui_users_file=str(self.users),
            **settings,
        )
        self.service.wait_ready()
        wait_for(self._answers, 20)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/static/base.css").status_code == 200
        except httpx.TransportError:
            return False

    def memory_mb(self) -> float:
        """Resident memory of the process."""
        lines = Path(f"/proc/{self.service.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024

    def user(self, *words: str, password: str = PASSWORD) -> None:
        """Run `omf user ...`, as an administrator at the server does."""
        command = [sys.executable, "-m", "services.cli", "user", *words, "--file", str(self.users)]
        subprocess.run(
            command, cwd=ROOT, env=base_env({}), input=f"{password}\n", text=True, check=True
        )

    def sign_in(self, client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
        """Send the form as a browser does."""
        return client.post(
            f"{self.url}/login",
            data={"name": name, "password": password, "back": "/mock/overview"},
            headers={"origin": self.url},
        )
