"""`omf status`: how every part, server and link is, asked one by one, and since when."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from services.cli.connection import Endpoints, connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, table
from services.cli.rows import age
from services.common.process import clock
from services.common.process.clock import iso
from services.common.process.figures import read_figures
from services.common.store import environments
from services.common.store.bus import Bus, StoreError
from services.common.store.journal import id_at
from services.common.store.keys import JOURNAL, Environment, LinkHealth
from services.common.store.store_clock import STEP_S
from services.supervisor import probe

STATUS_COLUMNS = (
    "part",
    "environment",
    "state",
    "since",
    "rate/s",
    "lag",
    "last message",
    "detail",
)
RATE_S = 10.0
RATE_MESSAGES = 5000
NOTED_S = 24 * 3600
"""So long it is told what befell the store and the clock."""
STATE_OK, STATE_NOT_READY, STATE_AWAY = "ok", "not ready", "away"
HTTP_OK = 200


@dataclass(frozen=True)
class Row:
    """One line of `omf status`; what does not apply is None."""

    part: str
    environment: str | None
    state: str
    since: float | None = None
    """Unix seconds."""
    rate: float | None = None
    """Messages a second over the last ten."""
    lag: int | None = None
    """Messages or commands taken and not yet dealt with."""
    age_s: float | None = None
    """Seconds since the last message."""
    detail: str = ""
    notes: tuple[str, ...] = ()
    """What happened lately and is well again."""

    @property
    def healthy(self) -> bool:
        """True when nothing needs to be done."""
        return self.state == STATE_OK

    def as_json(self) -> dict[str, Any]:
        """All of it, with `healthy`."""
        return {**asdict(self), "healthy": self.healthy}


def command(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print how every part, server and link is; exit 1 if anything is not healthy."""

    async def work() -> None:
        found = [row async for row in status_rows(connect(environment, run))]
        if as_json:
            for row in found:
                data(row.as_json())
        else:
            table(STATUS_COLUMNS, map(_cells, found))
        if ill := unhealthy(found):
            fail(f"not healthy: {', '.join(map(_ill, ill))}")

    finish(work())


def _cells(row: Row) -> tuple[object, ...]:
    since = None if row.since is None else age(clock.now() - row.since)
    rate = None if row.rate is None else f"{row.rate:.1f}"
    last = None if row.age_s is None else age(row.age_s)
    detail = "; ".join(filter(None, (row.detail, *row.notes)))
    return (row.part, row.environment, row.state, since, rate, row.lag, last, detail)


def _ill(row: Row) -> str:
    return f"{row.part} ({': '.join(filter(None, (row.state, row.detail)))})"


async def status_rows(place: Endpoints) -> AsyncIterator[Row]:
    """Parts first, then the store, brokers and links of each environment that is served."""
    for row in _parts(place):
        yield row
    answers = probe.store_answers(place.store_url)
    yield Row("store", None, STATE_OK if answers else STATE_AWAY, detail=_bare(place.store_url))
    for environment, url in place.mqtt.items():
        answers = probe.broker_answers(url)
        yield Row(
            f"broker-{environment}",
            environment,
            STATE_OK if answers else STATE_AWAY,
            detail=_bare(url),
        )
    for environment in place.environments:
        async with Bus(place.store_url, environment) as bus:
            for row in await _links(bus, environment, told=environment in place.mqtt):
                yield row


def _parts(place: Endpoints) -> Iterator[Row]:
    for part, base in place.parts.items():
        owner = environments.owner_of(part)
        if owner and owner not in place.environments:
            continue
        status, body = probe.http_get(f"{base}/health/ready")
        state = STATE_OK if status == HTTP_OK else STATE_NOT_READY if status else STATE_AWAY
        yield Row(part, owner, state, since=_started(f"{base}/metrics"), detail=_wrong(body))


def _wrong(body: str) -> str:
    with suppress(ValueError, AttributeError):
        return "; ".join(map(str, json.loads(body).get("wrong", ())))
    return ""


def _started(metrics_url: str) -> float | None:
    _, page = probe.http_get(metrics_url)
    return read_figures(page).started_at


async def _links(bus: Bus, environment: Environment, *, told: bool) -> list[Row]:
    """The reading link with the traffic behind it, the publishing link with its queue.

    Before them the broker as ingest knows it, unless its address was `told` and it was asked.
    """
    try:
        now, read = await bus.time(), await bus.link("ingest")
        ids_now = now + (read.ahead_s if read else 0.0)
        recent = await bus.messages(JOURNAL, after=id_at(ids_now - RATE_S), count=RATE_MESSAGES)
        last = (recent or await bus.newest(JOURNAL, 1))[-1:]
        age_s = ids_now - last[0].arrived_at if last else None
        made = [] if told else [_broker(environment, await bus.link("ingest"), now)]
        for side in ("ingest", "gateway"):
            row = _link(side, environment, await bus.link(side), now)
            traffic = {"rate": len(recent) / RATE_S, "age_s": age_s} if side == "ingest" else {}
            made.append(Row(**{**asdict(row), **traffic}))
    except StoreError as error:
        return [Row("link", environment, STATE_AWAY, detail=str(error))]
    return made


def _broker(environment: Environment, link: LinkHealth | None, now: float) -> Row:
    row = _link("ingest", environment, link, now)
    reached = link is not None and link.connected and row.state != STATE_AWAY
    return Row(
        f"broker-{environment}", environment, STATE_OK if reached else STATE_AWAY, detail=row.detail
    )


def _link(side: str, environment: Environment, link: LinkHealth | None, now: float) -> Row:
    part = f"link {side}"
    if link is None:
        return Row(part, environment, STATE_AWAY, detail=f"{side} never wrote its health")
    if link.silent(now):
        silent = f"{side} has not written for {link.age_s(now):.0f} s"
        return Row(part, environment, STATE_AWAY, link.at, lag=link.queue, detail=silent)
    refused = f"refused: {', '.join(link.refused_filters)}" if link.refused_filters else ""
    detail = "; ".join(filter(None, (link.broker, link.detail, refused)))
    state = STATE_OK if link.connected and not refused else STATE_NOT_READY
    told = tuple(notes(link, now)) if side == "ingest" else ()
    return Row(part, environment, state, link.since, lag=link.queue, detail=detail, notes=told)


def notes(link: LinkHealth, now: float) -> Iterator[str]:
    """What happened lately and explains what is shown: the store was emptied, the clock set."""
    if link.emptied_at and now - link.emptied_at < NOTED_S:
        at = iso(link.emptied_at)
        yield f"the store was emptied at {at}: messages, commands and sessions before that are gone"
    if (one := link.too_large) and now - one.at < NOTED_S:
        what = f"{one.size:,} bytes on {one.topic} at {iso(one.at)}, the limit is {one.limit:,}"
        yield f"payloads too large, kept nowhere: {one.count}; the last one {what}"
    if link.clock_step_at and now - link.clock_step_at < NOTED_S:
        at = iso(link.clock_step_at)
        yield f"its host's clock was set by {link.clock_step_s:+.0f} s at {at}"
    if link.ahead_s > STEP_S:
        yield f"times of messages are {link.ahead_s:.0f} s ahead of the clock"


def _bare(url: str) -> str:
    """The address without a password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def unhealthy(found: list[Row]) -> list[Row]:
    """Those that need somebody."""
    return [row for row in found if not row.healthy]
