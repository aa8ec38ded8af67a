"""A process that no longer makes progress says so, and if it stays stuck, it ends.

`GET /health/live` is 200 while every loop has beaten within its limit, `GET /health/ready` while
the process can do its work, `GET /metrics` is what Prometheus reads, `GET /logs` the last lines
the process logged.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from omf import __version__
from services.common.process import clock, logs
from services.common.process.exit_codes import ExitCode
from services.common.process.lost_time import LostTime

STUCK_S = 13.0
"""A dead read loop or network thread must not survive 15 s; the watchdog looks once a second.

What a busy machine or a store that does not answer takes of it is not counted (`LostTime`).
"""
HEALTH_LOOK_S = 1.0
EXIT_STUCK = 70

_log = logging.getLogger(__name__)


class Health(Collector):
    """Beats of the loops of one process, and whether it is ready."""

    def __init__(self, ready: Callable[[], str | None] = lambda: None) -> None:
        """`ready` returns None, or in words what is missing."""
        self._ready = ready
        self._beats: dict[str, tuple[float, float]] = {}
        """When each loop last went round, and how much time was lost by then."""
        self._lost = LostTime()
        self._hindered: dict[str, str] = {}
        self.leader: str | None = None
        """The node that does the work while this process stands by; None: it works itself."""

    def stands_by(self, leader: str | None) -> None:
        """The process waits beside this leader, which is what it should do; None: no more."""
        self.leader = leader

    def beat(self, loop: str, at: float | None = None) -> None:
        """`loop` went round, now or at that time; the first beat begins its supervision."""
        at = clock.monotonic() if at is None else at
        if self._beats.get(loop, (0.0, 0.0))[0] != at:
            self._beats[loop] = (at, self._lost.total_s)

    def end(self, loop: str) -> None:
        """`loop` ended on purpose and is no longer waited for."""
        self._beats.pop(loop, None)
        self.hindered(loop, "")

    def hindered(self, loop: str, why: str) -> None:
        """`loop` goes round and cannot do its work, and why; "" once it can."""
        if why:
            self._hindered[loop] = why
        else:
            self._hindered.pop(loop, None)

    def stuck(self) -> list[str]:
        """The loops that have not beaten within the limit, though they could have."""
        now = clock.monotonic() - self._lost.total_s
        beats = list(self._beats.items())
        return [loop for loop, (at, lost_s) in beats if now - (at - lost_s) > STUCK_S]

    def missing(self) -> str | None:
        """What keeps the process from being ready, in words; None when it is.

        One that stands by is ready if it could take over.
        """
        hindered = next(iter(list(self._hindered.values())), None)
        return hindered or (self._ready() if self.leader is None else None)

    def collect(self) -> Iterator[Metric]:
        """The same as figures, for Prometheus."""
        ready = self.missing() is None
        yield GaugeMetricFamily("omf_ready", "1 while the process can do its work", float(ready))
        ages = GaugeMetricFamily(
            "omf_loop_age_seconds", "Since a loop of the process last went round", labels=["loop"]
        )
        at = clock.monotonic()
        for loop, (beat, _) in list(self._beats.items()):
            ages.add_metric([loop], at - beat)
        yield ages
        yield InfoMetricFamily("omf_build", "What runs", {"version": __version__})

    def serve(self, host: str, port: int) -> None:
        """Answer on `host:port` from now on, in a thread; port 0 serves nothing.

        A port that another process has ends this one with code 1: it may be free after a restart.
        """
        # Not the common registry: a test has several of us in one process.
        own = CollectorRegistry(auto_describe=False)
        own.register(self)
        pages = pages_of(self, lambda: generate_latest() + generate_latest(own), logs.recent)
        answer_on(host, port, pages.get)

    def watch(self) -> None:
        """End the process with code 70 once a loop is stuck: a restart is the mend."""
        watch_all(self.stuck, lambda: (self,))

    def time_lost(self, pause_s: float) -> None:
        """Count what the process lost of a pause of so many seconds that is over."""
        self._lost.turn(pause_s)


def watch_all(stuck: Callable[[], list[str]], healths: Callable[[], Iterable[Health]]) -> None:
    """End the process with code 70 once a loop of any of them is stuck, seen from a thread."""
    watch = partial(end_when_stuck, stuck, healths)
    threading.Thread(target=watch, name="watchdog", daemon=True).start()


def end_when_stuck(stuck: Callable[[], list[str]], healths: Callable[[], Iterable[Health]]) -> None:
    """What `watch_all` does, in the thread that calls it."""
    pause = threading.Event()
    while not (found := stuck()):
        pause.wait(HEALTH_LOOK_S)
        for one in list(healths()):
            one.time_lost(HEALTH_LOOK_S)
    _log.critical("stuck: %s; ending so that it is restarted", ", ".join(found))
    os._exit(EXIT_STUCK)


class HealthAnswer(NamedTuple):
    """What one page says."""

    status: int
    body: bytes
    kind: str = "text/plain"


Page = Callable[[], HealthAnswer]


def pages_of(
    health: Health, figures: Callable[[], bytes], lines: Callable[[], list[str]]
) -> dict[str, Page]:
    """The pages of whatever a Health speaks for, by their paths."""
    return {
        "/metrics": lambda: HealthAnswer(200, figures(), CONTENT_TYPE_LATEST),
        "/health/live": lambda: verdict(health.stuck()),
        "/health/ready": lambda: verdict(
            [m] if (m := health.missing()) else [], leader=health.leader
        ),
        "/logs": lambda: HealthAnswer(
            200, "\n".join(lines()).encode(errors="replace"), "application/x-ndjson"
        ),
    }


def verdict(wrong: list[str], *, ok: bool | None = None, leader: str | None = None) -> HealthAnswer:
    """200 or 503, and what is wrong; by that, unless `ok` says otherwise.

    `leader` is of a process that stands by for it.
    """
    good = not wrong if ok is None else ok
    told: dict[str, object] = {"ok": good, "wrong": wrong}
    if leader is not None:
        told |= {"state": "stand-by", "leader": leader}
    body = json.dumps(told).encode()
    return HealthAnswer(200 if good else 503, body, "application/json")


def answer_on(host: str, port: int, page: Callable[[str], Page | None]) -> None:
    """Serve the pages on `host:port` from now on, in a thread; port 0 serves nothing."""
    if not port:
        return
    try:
        server = _Server((host, port), _handler(page))
    except OSError as error:
        _log.critical("cannot answer on %s:%d (OMF_METRICS_PORT): %s", host, port, error)
        raise SystemExit(ExitCode.BROKEN) from None
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Log what failed; who asked and is gone, as a watchdog after its time, is no failure."""
        del request, client_address
        if not isinstance(sys.exception(), ConnectionError):
            _log.exception("a page of figures failed")


def _handler(page: Callable[[str], Page | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = page(self.path)
            status, body, kind = found() if found else HealthAnswer(404, b"")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent: a scrape every few seconds is normal operation."""

    return Handler
