"""Real receivers of notifications on this machine, and alarms as their owner would write them."""

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import http_ece
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from redis.exceptions import RedisError

from omf.alarms.life import AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.texts import text
from services.common.process import clock
from services.common.store.alarm_lives import AlarmsOwner
from services.common.store.bus import store
from services.common.store.keys import key
from services.common.store.notification_status import NotificationStatus, PushBrowser
from services.supervisor.ports import free_port
from tests.support.processes import Processes, Service

ENVIRONMENT = "mock"
HTTP_OK = 200
ANNA = "receivers:\n  - {name: anna, environments: [mock], addresses: [{name: a, url: hook}]}\n"
"""She is told at once of all that is grave, by the webhook named `hook`."""


class HttpRequest(NamedTuple):
    """What a provider was asked."""

    at: float
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """The body of Apprise's JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class HttpReceiver:
    """A provider that takes what is posted, while `status` is 200."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.taken: list[HttpRequest] = []
        self.asked = 0
        self.status = HTTP_OK
        self.on_request: Callable[[], None] = lambda: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                receiver.asked += 1
                receiver.on_request()
                if receiver.status in range(200, 300):
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    asked = HttpRequest(time.time(), self.path, headers, body)
                    receiver.taken.append(asked)
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def titles(self) -> list[str]:
        """Of what was taken, in its order."""
        return [one.said["title"] for one in self.taken]

    def close(self) -> None:
        """End it; a connection is refused from now on."""
        self._server.shutdown()
        self._server.server_close()


class MailReceiver:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.port = free_port()
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)
        self._server.start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Called by the server for each mail."""
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def close(self) -> None:
        """End it."""
        self._server.stop()


class PushReceiver(HttpReceiver):
    """A push service and the browser behind it: only that can read what comes."""

    def __init__(self, account: str) -> None:
        super().__init__()
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self.browser = PushBrowser(
            account=account,
            endpoint=f"http://127.0.0.1:{self.port}/push/1",
            p256dh=_base64url(point),
            auth=_base64url(self._auth),
            at=clock.now(),
        )

    def told(self) -> list[dict[str, str]]:
        """What the service worker was given."""
        return [
            json.loads(
                http_ece.decrypt(
                    one.body,
                    private_key=self._private,
                    auth_secret=self._auth,
                    version="aes128gcm",
                )
            )
            for one in self.taken
        ]


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class OwnedAlarms:
    """Stands in for the owner of the alarms: writes what they are like, as that does."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.client = store(url)
        self._revision = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator["OwnedAlarms"]:
        """Say that the owner is there, until the end of the block."""
        self._tell()
        beating = threading.Thread(target=self._beat, daemon=True)
        beating.start()
        try:
            yield self
        finally:
            self._stop.set()
            beating.join()
            self.client.close()

    def raised(self, name: str, **more: Any) -> AlarmLife:
        """An alarm rises; it is unacknowledged."""
        now = self._now()
        life = AlarmLife(
            id=f"device-silent:{name}",
            rule="device-silent",
            subject=name,
            severity=more.pop("severity", "critical"),
            since=now,
            text=text("alarm.device-silent", device=name, limit=40),
            action=text("alarm.device-silent.action", device=name, limit=40),
            state=AlarmState.UNACKNOWLEDGED,
            stands=True,
            raised_at=now,
            changed_at=now,
        ).but(**more)
        return self.put(life)

    def becomes(self, life: AlarmLife, state: AlarmState, **more: Any) -> AlarmLife:
        """It comes into a state."""
        return self.put(life.but(state=state, changed_at=self._now(), **more))

    def put(self, life: AlarmLife) -> AlarmLife:
        """Write it as it is."""
        with self._lock:
            self.client.hset(key(ENVIRONMENT, "alarms:now"), life.id, life.model_dump_json())
            self._revision += 1
        self._tell()
        return life

    def over(self, life: AlarmLife) -> None:
        """It is normal again."""
        with self._lock:
            self.client.hdel(key(ENVIRONMENT, "alarms:now"), life.id)
            self._revision += 1
        self._tell()

    def subscribe(self, browser: PushBrowser) -> None:
        """A browser asks to be told, as the page writes it."""
        name = key(ENVIRONMENT, "notifications:browsers")
        self.client.hset(name, browser.id, browser.model_dump_json())

    def status(self) -> NotificationStatus | None:
        """What the service said last."""
        found = self.client.get(key(ENVIRONMENT, "notifications"))
        return NotificationStatus.model_validate_json(found) if found else None

    def waiting(self) -> int:
        """Entries that are not gone yet."""
        return int(self.client.hlen(key(ENVIRONMENT, "notifications:outbox")))

    def _now(self) -> float:
        seconds, micros = self.client.time()
        return float(seconds + micros / 1e6)

    def _tell(self) -> None:
        owner = AlarmsOwner(owner="test", at=self._now(), revision=self._revision)
        self.client.set(key(ENVIRONMENT, "alarms:owner"), owner.model_dump_json())

    def _beat(self) -> None:
        while not self._stop.wait(0.5):
            with suppress(RedisError):  # a store that is killed says nothing for a while
                self._tell()


class NotifiedHouse:
    """A folder with the files of receivers, and the service that goes by them."""

    def __init__(self, processes: Processes, store_url: str, folder: Path) -> None:
        self._processes = processes
        self._store_url = store_url
        self.file, self.urls = folder / "receivers.yaml", folder / "urls"
        self.vapid = folder / "vapid.pem"

    def write(self, receivers: str, urls: str = "") -> None:
        """Write both files."""
        self.urls.write_text(urls, "utf-8")
        self.file.write_text(receivers, "utf-8")

    def start(self, **settings: str) -> Service:
        """Start the service; `wait_ready` is the caller's."""
        told = {
            "store_url": self._store_url,
            "notifications": str(self.file),
            "notifications_urls": str(self.urls),
            "notifications_vapid": str(self.vapid),
            "notifications_push_hosts": "127.0.0.1",
            "ui_url": "https://omf.example:8080",
            **settings,
        }
        return self._processes.service("notifications", **told)
