"""What every simulated device is: a state machine that lives on messages and time, no socket in it.

Machines share nothing. They meet on MQTT only, so each can run alone beside real devices.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

from omf.simulation.device import DeviceRuntime, Moment, Send
from omf.topics import catalogue

SKEW_S = -12 * 86_400.0
"""How far a wrong clock is off: the worst one recorded was 12 days behind (PROTOCOL F.22)."""

MISREAD = (LookupError, TypeError, ValueError, AttributeError)
"""What reading a body of the wrong shape ends in."""
RESTART_AFTER_S = 10.0
"""In life: a program that died is started again so much later, as a container's restart policy
does. Long enough to see it dead, short enough to go on working with the simulation."""


@lru_cache(maxsize=catalogue.CACHED_TOPICS)
def _levels(name: str, topic: str) -> dict[str, str]:
    return catalogue.levels(name, topic)


class ProgramDiedError(Exception):
    """The real program ends here, by an exception nobody catches; the text says of what."""


class Machine(DeviceRuntime):
    """A device: `connect`, `receive` and `tick` take what happened and return what to publish."""

    client: ClassVar[str] = "mock"
    """Begins the MQTT client id."""

    def __init__(self, *, speed: float = 1.0, seed: object = 0) -> None:
        super().__init__(speed=speed, seed=seed)
        self.unreadable = 0
        """Messages that made no sense: dropped, as devices do."""
        self.died = ""
        """Of what its program ended, until it is started again; empty while it runs."""
        self.starts = 1
        """How often its program was started; each start subscribes anew."""
        self.retained = False
        """The message at hand is what the broker kept, told at the subscribing: no news."""

    @property
    def name(self) -> str:
        """Tells this device from its like, in client ids and logs."""
        return self.client

    def filters(self) -> tuple[str, ...]:
        """The topic filters this device subscribes."""
        return ()

    def will(self) -> Send | None:
        """The last will, asked for once before the first connect."""
        return None

    def connect(self, now: Moment) -> list[Send]:
        """The broker link is up, for the first time or again."""
        self.now = now
        if not self.died:
            self._try(self.on_connect)
        return self.take_sends()

    def receive(
        self, topic: str, payload: bytes, now: Moment, *, retained: bool = False
    ) -> list[Send]:
        """A message arrived; what cannot be read changes nothing, an empty one is a deletion."""
        self.now, self.retained = now, retained
        entry = catalogue.of(topic)
        if self.died or (entry is None and not payload):
            return []
        if entry is None:
            self.unreadable += 1
            return []
        try:
            self._take(entry.name, _levels(entry.name, topic), payload)
        except ProgramDiedError as end:
            self._die(str(end))
        return self.take_sends()

    def _take(self, name: str, levels: dict[str, str], payload: bytes) -> None:
        if not payload:
            self.on_empty(name)
            return
        try:
            body = json.loads(payload)
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict | list):
            self._try(self.on_message, name, levels, body)
            return
        self.unreadable += 1
        self.on_unreadable(name)

    def _die(self, why: str) -> None:
        """Nothing is heard, said or remembered any more; what was retained stays."""
        self.died = why
        self.cancel_all_timers()
        self.after_real(RESTART_AFTER_S, self.start_again)

    def start_again(self) -> None:
        """The program begins anew, with nothing but what it had saved."""
        self.died = ""
        self.cancel_all_timers()
        self.starts += 1
        self.on_start_again()
        self.on_connect()

    def tick(self, now: Moment) -> list[Send]:
        """Run every timer that is due, each at its own plant time, so that delays do not add up."""
        while (timer := self.take_timer(now.plant)) is not None:
            self.now = Moment(timer.due, now.wall)
            self._try(timer.call, *timer.args)
        return self.take_sends()

    def fault(self, kind: str, target: str, now: Moment) -> list[Send] | None:
        """Misbehave on demand; None for a fault that does not concern this device."""
        self.now = now
        skewed = kind == "skew" and target in ("", self.name)
        if skewed:
            self.skew_s = SKEW_S
        return self.take_sends() if self.on_fault(kind, target) or skewed else None

    def leave(self, now: Moment) -> list[Send]:
        """Say goodbye: the program ends in order, so no last will tells it."""
        self.now = now
        self.on_leave()
        return self.take_sends()

    # --- for the devices themselves ---------------------------------------------------------

    def on_connect(self) -> None:
        """Publish what is retained; on a second connect too, for the broker may have lost it."""

    def on_leave(self) -> None:
        """Publish what the device says when it is switched off in order."""

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """Handle a message of the catalogue entry `name`; `body` is its JSON."""

    def on_empty(self, name: str) -> None:
        """A retained message was deleted; programs that read it as JSON die of it."""

    def on_unreadable(self, name: str) -> None:
        """A payload that is no JSON object or list; most programs log it and go on."""

    def on_start_again(self) -> None:
        """Forget what a new start of the program does not know."""

    def on_fault(self, kind: str, target: str) -> bool:
        """Begin the fault `kind`; False if it does not concern this device."""
        del kind, target
        return False

    def _try(self, call: Callable[..., None], *args: Any) -> None:
        """JSON of a shape no program expects must not end it: the real ones log it and go on."""
        try:
            call(*args)
        except MISREAD:
            self.unreadable += 1
