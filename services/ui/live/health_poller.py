"""How each process of ours is: asked at its health pages, by one question for all browsers.

The same figures that Prometheus reads, so the page cannot say another thing than the monitor. What
a process logged lately lies in its own memory; a process that died has taken it along, and its
stderr is the place to look.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from services.common.process.figures import ProcessFigures, read_figures
from services.common.store import environments
from services.common.store.keys import Environment

POLL_TIMEOUT_S = 2.0
MAX_LINES = 300
READY, NOT_READY = 200, 503
BACKLOGS = ("omf_ingest_queue", "omf_orders_backlog", "omf_gateway_backlog")
LEVELS = ("debug", "info", "warning", "error", "critical")

BROKER_FIELDS = {
    "uptime_s": "uptime_seconds",
    "clients": "clients",
    "subscriptions": "subscriptions",
    "retained": "retained",
    "received_per_minute": "received_per_minute",
    "sent_per_minute": "sent_per_minute",
    "dropped": "dropped_total",
}

State = Literal["ready", "standby", "not_ready", "away"]


@dataclass(frozen=True, slots=True)
class BrokerStatus:
    """What the broker tells of itself; what it does not tell is None."""

    version: str | None = None
    uptime_s: float | None = None
    clients: float | None = None
    subscriptions: float | None = None
    retained: float | None = None
    received_per_minute: float | None = None
    sent_per_minute: float | None = None
    dropped: float | None = None
    """Thrown away since its start, for the queue of a client was full."""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One process; what it does not tell is None."""

    part: str
    state: State
    wrong: str = ""
    since: float | None = None
    """When it started, Unix seconds."""
    version: str | None = None
    memory: float | None = None
    """Resident bytes."""
    lag: float | None = None
    """Messages or commands taken and not yet dealt with."""
    complaints: float | None = None
    """Lines logged at warning or above since its start."""
    broker: BrokerStatus | None = None
    """Of the broker it reads; None where it tells nothing of itself."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a process logged; `more` are its further fields as JSON."""

    id: str
    part: str
    at: str
    level: str
    text: str
    more: str


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """All processes at one time, and their lines, oldest first."""

    statuses: tuple[ServiceStatus, ...] = ()
    lines: tuple[LogLine, ...] = ()

    def of(self, environment: Environment) -> "HealthSnapshot":
        """Only what serves this environment, or all of them."""
        return HealthSnapshot(
            tuple(c for c in self.statuses if belongs(c.part, environment)),
            tuple(line for line in self.lines if belongs(line.part, environment)),
        )


def belongs(part: str, environment: Environment) -> bool:
    """True if a part named like this serves the environment: `ingest-hall-2`, `mock`, `ui`."""
    return environments.owner_of(part) in {environment, None}


class HealthPoller:
    """Asks every part; `parts` are their root addresses by name."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        self._parts = parts
        # Made once: reading all authorities anew for every look holds every page up for it.
        self._tls = ssl.create_default_context()

    async def poll(self) -> HealthSnapshot:
        """All processes now; a part that does not answer in time is away."""
        async with httpx.AsyncClient(
            timeout=POLL_TIMEOUT_S, trust_env=False, verify=self._tls
        ) as client:
            found = await asyncio.gather(*(_ask(client, *part) for part in self._parts.items()))
        lines = sorted((line for _, said in found for line in said), key=lambda line: line.at)
        return HealthSnapshot(tuple(status for status, _ in found), tuple(lines[-MAX_LINES:]))


async def _ask(
    client: httpx.AsyncClient, part: str, base: str
) -> tuple[ServiceStatus, list[LogLine]]:
    try:
        ready = await client.get(f"{base}/health/ready")
        figures = read_figures((await client.get(f"{base}/metrics")).text)
        said = (await client.get(f"{base}/logs")).text
    except httpx.HTTPError as error:
        return ServiceStatus(part, "away", str(error) or type(error).__name__), []
    state: State = "ready" if ready.status_code == READY else "not_ready"
    if state == "ready" and _object(ready.text).get("state") == "stand-by":
        state = "standby"
    return _status(part, state, ready.text, figures), _lines(part, said)


def _status(part: str, state: State, body: str, figures: ProcessFigures) -> ServiceStatus:
    return ServiceStatus(
        part=part,
        state=state,
        wrong="; ".join(map(str, _object(body).get("wrong", ()))),
        since=figures.started_at,
        version=figures.version,
        memory=figures.sums.get("process_resident_memory_bytes"),
        lag=next((figures.sums[name] for name in BACKLOGS if name in figures.sums), None),
        complaints=figures.sums.get("omf_log_lines_total"),
        broker=_broker(figures),
    )


def _broker(figures: ProcessFigures) -> BrokerStatus | None:
    told = {
        name: figures.sums.get(f"omf_broker_{figure}") for name, figure in BROKER_FIELDS.items()
    }
    known = figures.broker is not None or any(value is not None for value in told.values())
    return BrokerStatus(version=figures.broker, **told) if known else None


def _lines(part: str, said: str) -> list[LogLine]:
    found = []
    for number, raw in enumerate(said.splitlines()):
        line = _object(raw)
        at, level, text = (str(line.pop(key, "")) for key in ("at", "level", "text"))
        for known in ("service", "environment"):
            line.pop(known, None)
        more = json.dumps(line, ensure_ascii=False) if line else ""
        found.append(LogLine(f"{part}/{at}/{number}", part, at, level, text, more))
    return found


def _object(raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
