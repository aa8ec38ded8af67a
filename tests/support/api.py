"""The HTTP door as a client of it sees it: a running process, tokens, requests, event streams."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from services.common.auth.api_tokens import minted
from services.common.store.keys import Role
from services.supervisor.ports import free_port
from tests.support.processes import Processes, Service, wait_for

TIMEOUT_S = 20.0


class Heard(NamedTuple):
    """One server-sent event."""

    id: str
    name: str
    data: Any


class Door:
    """One `python -m services.api` with a client of each role; closes what it opened."""

    def __init__(self, processes: Processes, store_url: str, **settings: str) -> None:
        """`api_tokens_file=""` starts it without tokens."""
        self.tokens_file = processes.folder / f"tokens-{free_port()}.jsonl"
        self.tokens: dict[str, str] = {}
        self._lines: list[str] = []
        for role in Role:
            self.grant(role.value, role)
        self.address = f"http://127.0.0.1:{(port := free_port())}"
        given = {"api_tokens_file": str(self.tokens_file), "environments": "mock", **settings}
        told = {name: value for name, value in given.items() if value}
        self.service: Service = processes.service(
            "api", store_url=store_url, api_port=str(port), **told
        )
        self._clients: list[httpx.Client] = []

    def ready(self) -> "Door":
        """Return when it takes requests."""
        self.service.wait_ready(30)
        return self

    def grant(self, name: str, role: Role, **more: Any) -> str:
        """Write another client into the tokens file; its token."""
        token, client = minted(name, role)
        self._lines.append(json.dumps(client.model_dump(mode="json", exclude_none=True) | more))
        self._write()
        self.tokens[name] = token
        return token

    def revoke(self, name: str) -> None:
        """Take a client out of the tokens file."""
        self._lines = [line for line in self._lines if json.loads(line)["name"] != name]
        self._write()

    def client(self, name: str = "admin", **headers: str) -> httpx.Client:
        """A client of the API with that token; `""` has none."""
        sent = {"authorization": f"Bearer {self.tokens[name]}"} if name else {}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        made = httpx.Client(base_url=f"{self.address}/api/v1", headers=sent, timeout=TIMEOUT_S)
        self._clients.append(made)
        return made

    def stands(self, seconds: float) -> None:
        """Return once it has waited for who listens, and could send no more, for so long."""
        waits, since = 0, time.monotonic()

        def stood() -> bool:
            nonlocal waits, since
            if (now := self._unread()) != waits or not now:
                waits, since = now, time.monotonic()
            return time.monotonic() - since > seconds

        wait_for(stood, 90, lambda: f"{self._unread()} bytes wait")

    def _unread(self) -> int:
        """Bytes that were sent and that who listens has not read."""
        port = f":{urlsplit(self.address).port:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
        return sum(int(row[4].partition(":")[2], 16) for row in rows if row[2].endswith(port))

    def close(self) -> None:
        """Leave no socket behind."""
        for client in self._clients:
            client.close()

    def _write(self) -> None:
        self.tokens_file.parent.mkdir(parents=True, exist_ok=True)
        self.tokens_file.write_text("\n".join(["# clients of a test", *self._lines]) + "\n")


@contextmanager
def listening(client: httpx.Client, path: str, last: str = "") -> Iterator[Iterator[Heard]]:
    """An open event stream; its events as they come, comments left out."""
    headers = {"last-event-id": last} if last else {}
    with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == httpx.codes.OK, answer.read()
        lines = answer.iter_lines()
        # The first block says that the stream is open.
        while next(lines):
            pass
        yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[Heard]:
    block: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            block[name] = value
        elif "data" in block:
            yield Heard(block["id"], block["event"], json.loads(block["data"]))
        block = block if line else {}


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem an answer holds; AssertionError if it is another one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:omf:problem:{kind}", body
    assert body["detail"]
    assert body["mend"]
    return body
