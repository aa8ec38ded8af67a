"""The session station: plays what it is asked for through the store, one session at a time."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping

from services.common.process.health import Health
from services.common.process.main import STORE_RETRY_S, Stop, every
from services.common.sessions import station
from services.common.sessions.files import Damaged, Recorded, SessionError, read
from services.common.sessions.session_folder import SessionFolder
from services.common.sessions.station import ReplayControl, ReplayStatus
from services.common.store.bus import Bus, StoreError
from services.common.store.environments import is_replay
from services.replay.background_jobs import BackgroundJobs
from services.replay.playback import Control, Playback
from services.replay.player import ControlError, Player, fit_speed
from services.replay.session_facts import FactsKeeper
from services.replay.settings import ReplaySettings
from services.replay.timeline import NoTimeline, StoredTimeline

REPORT_S = 0.5

_log = logging.getLogger(__name__)


class SessionStation:
    """Obeys the stream `replay:control` and writes `replay:status` (docs/adr/0006)."""

    def __init__(self, settings: ReplaySettings) -> None:
        """Nothing is read or played before `run`."""
        self._settings = settings
        self._library = SessionFolder(settings.data / "sessions")
        self._playback: Playback | None = None
        self._session = ""
        self._damaged = 0
        self._speed: float | None = 1.0
        self._loop = False
        self._after = "0-0"
        self._answered = asyncio.Lock()
        """A report must not say that a wish is answered while it is being obeyed."""
        self._refused = ""
        self._jobs = BackgroundJobs(settings, self._library)
        self._facts_keeper = FactsKeeper(self._library)
        place = settings.environment
        told = StoredTimeline(settings.store_address, place) if is_replay(place) else None
        self._timeline = told or NoTimeline()

    async def run(self) -> int:
        """Live until SIGTERM or SIGINT; the exit code."""
        stop, health = Stop(), Health()
        health.watch()
        health.serve(self._settings.metrics_host, self._settings.metrics_port)
        async with Bus(self._settings.store_address, self._settings.environment) as bus:
            await stop.store(bus, health)
            self._after = await station.newest_control(bus)
            try:
                return await stop.during(
                    self._listen(bus, health),
                    every(REPORT_S, "report", lambda: self._report(bus), health),
                    self._facts_keeper.run(),
                )
            finally:
                await self._jobs.end()
                await self._end()

    async def _listen(self, bus: Bus, health: Health) -> None:
        while True:
            try:
                async for batch in bus.follow_models(station.CONTROL, ReplayControl, self._after):
                    health.beat("controls")
                    await self._answer(bus, batch)
            except StoreError as error:
                _log.warning("waiting for the store: %s", error)
                health.beat("controls")
                await asyncio.sleep(STORE_RETRY_S)

    async def _answer(self, bus: Bus, wishes: list[tuple[str, ReplayControl]]) -> None:
        for wish_id, wish in wishes:
            async with self._answered:
                await self._obey(wish)
                self._after = wish_id
            await self._report(bus)

    async def _obey(self, wish: ReplayControl) -> None:
        try:
            self._refused = ""
            if wish.action == "play":
                await self._play(wish.value)
            elif wish.action in {"take", "report"}:
                self._jobs.begin(wish)
            elif wish.action == "stop":
                await self._end()
            else:
                await self._steer(wish)
        except (ControlError, SessionError, ValueError) as error:
            self._refused = str(error)
        _log.info("control", extra={"wish": wish.model_dump(), "refused": self._refused})

    async def _play(self, name: str) -> None:
        path = self._library.path(name)
        found = await asyncio.to_thread(lambda: list(read(path)))
        items = [item for item in found if isinstance(item, Recorded)]
        await self._end()
        self._session = name
        self._damaged = sum(isinstance(item, Damaged) for item in found)
        url, timeline = self._settings.mqtt_address, self._timeline
        self._playback = Playback(items, url, self._speed, timeline)
        self._playback.player.loop = self._loop

    async def _end(self) -> None:
        playback, self._playback, self._session = self._playback, None, ""
        if playback:
            await asyncio.to_thread(playback.end)

    async def _steer(self, wish: ReplayControl) -> None:
        if wish.action == "speed":
            self._speed = parse_speed(wish.value)
        if wish.action == "loop" and _part(wish.value) is None:
            self._loop = _switch(wish.value)
        if self._playback is None:
            if wish.action in {"speed", "loop"} and _part(wish.value) is None:
                return
            raise ControlError("nothing is being played")
        await asyncio.to_thread(self._playback.do, PLAYER_CONTROLS[wish.action](wish.value))

    async def _report(self, bus: Bus) -> None:
        async with self._answered:
            await station.tell(bus, self._status(await bus.time()))

    def _status(self, now: float) -> ReplayStatus:
        playback = self._playback
        base = ReplayStatus(
            speed=self._speed,
            loop=playback.player.loop if playback else self._loop,
            control=self._after,
            refused=self._refused,
            sessions=tuple(self._library.names()),
            busy=self._jobs.busy,
            failed=self._jobs.failed,
            reports=self._jobs.reports,
            at=now,
        )
        return base.model_copy(update=self._facts(playback.player)) if playback else base

    def _facts(self, player: Player) -> dict[str, object]:
        state = "paused" if player.paused else "ended" if player.ended else "playing"
        return {
            "state": state,
            "session": self._session,
            "begin_at": player.begin_at,
            "loop_range": player.loop_range,
            "position_s": round(player.position_s, 3),
            "length_s": round(player.length_s, 3),
            "index": player.index,
            "total": player.total,
            "sent": player.report.sent,
            "damaged": self._damaged,
            "p99_ms": player.report.p99_ms,
        }


def parse_speed(text: str) -> float | None:
    """A speed as people write it; None for `max`, ControlError for what no player can keep."""
    return None if text == "max" else fit_speed(_number(text, "speed"))


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ControlError(f"{what} {text!r} is no number") from None


def _switch(text: str) -> bool:
    if text not in {"on", "off"}:
        raise ControlError(f"loop {text!r}: on, off, or two seconds of the session as 12.5-60")
    return text == "on"


def _seek(value: str) -> Control:
    seconds = _number(value, "seek")
    return lambda player: player.seek(seconds)


def _loop(value: str) -> Control:
    if (part := _part(value)) is not None:
        return lambda player: player.repeat(*part)

    def control(player: Player) -> None:
        player.loop, player.loop_range = _switch(value), None

    return control


def _part(value: str) -> tuple[float, float] | None:
    """Begin and end of a part of the session, `12.5-60`; None for other words."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", value)
    return (float(found[1]), float(found[2])) if found else None


PLAYER_CONTROLS: Mapping[str, Callable[[str], Control]] = {
    "pause": lambda _: Player.pause,
    "resume": lambda _: Player.resume,
    "step": lambda _: Player.step,
    "seek": _seek,
    "seek_order": lambda value: lambda player: player.seek_order(value),
    "jump": lambda value: lambda player: player.jump(value),
    "speed": lambda value: lambda player: player.set_speed(parse_speed(value)),
    "loop": _loop,
}
"""What a player does at each wish."""
