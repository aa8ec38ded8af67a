"""What a factory would go through after a command, or without it: simulated and folded."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from omf.alarms.alarm import Alarm
from omf.commands import Check, Effect, Plan, Verdict, compares_times, judge, prepare, standing
from omf.messages.message import Message
from omf.simulation.device import Moment, Send
from omf.simulation.learned import LearnedDurations
from omf.simulation.simulation import Chance, Simulation, seeded
from omf.state import FactoryState
from omf.topics import catalogue

LOOK_EVERY_PLANT_S = 15.0
"""So often it is looked which alarms stand, and how far all is."""
HORIZON_S = 900.0
"""Seconds of the factory that are looked ahead at most."""
SETTLES_S = 45.0
"""A reset takes 27 s until the last module is back (PROTOCOL D.5)."""
UNTOLD = frozenset({"txt_quality_check"})
"""Pictures say nothing of orders and pieces."""

Fate = Literal["effect", "failed", "silent", "open"]


@dataclass(slots=True)
class Course:
    """One future; times are seconds of life since now."""

    state: FactoryState
    """As it is folded from what the simulation says, at the end."""
    lasted_s: float = 0.0
    ends: dict[str, float] = field(default_factory=dict)
    """When each order ended, by its id."""
    busy: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """How long each device was not ready, by its serial."""
    alarms: dict[str, Alarm] = field(default_factory=dict)
    fate: Fate = "open"
    why: Verdict | Effect | None = None
    """What decided it; the effect that was awaited in vain."""
    took_s: float | None = None
    """Until the last effect was seen."""
    deaf: tuple[str, ...] = ()
    """Topics of the command that nothing in the simulation hears."""


class Follower:
    """Lives through one future of a factory and notes what a person would want to know."""

    def __init__(
        self,
        state: FactoryState,
        now: float,
        learned: LearnedDurations | None,
        *,
        seed: int = 0,
        horizon_s: float = HORIZON_S,
    ) -> None:
        """`horizon_s` seconds of the factory are looked ahead at most."""
        self._horizon_s = horizon_s
        self.course = Course(_copy(state))
        self._now, self._number = now, 0
        self.sent = False
        """A command went out."""
        self._awaiting: Effect | None = None
        self._earlier: list[Message] = []
        self._verdict: Verdict | None = None
        self.simulation: Simulation = seeded(
            state, now, chance=Chance(seed), learned=learned, hear=self._hear
        )
        self._speed = self.simulation.learned.speed

    def _hear(self, send: Send, now: Moment) -> None:
        entry = catalogue.of(send.topic)
        if entry is not None and entry.name in UNTOLD:
            return
        self._number += 1
        state = self.course.state
        told = Message(
            send.topic,
            send.payload,
            f"{int(now.wall * 1000)}-{self._number}",
            send.qos,
            session=state.session,
            recorded_at=now.wall,
        )
        state.apply(told, now.wall)
        if self._awaiting is not None and self._verdict is None:
            self._judge(self._awaiting, told)

    def _judge(self, awaiting: Effect, told: Message) -> None:
        self._verdict = judge(awaiting, told, self._earlier)
        if self._verdict is None and compares_times(awaiting):
            self._earlier.append(told)

    # --- the command ------------------------------------------------------------------------

    def give(
        self,
        kind: str,
        parameters: Mapping[str, Any],
        *,
        patience_s: float = 0.0,
        whole: bool = False,
    ) -> Plan:
        """Prepare a command for the factory as it is then; send it if nothing is against it.

        What nobody may set aside is waited for as long as `patience_s`; see `plan.refusals` of what
        is returned. CommandError if it cannot be built.
        """
        ends = self.simulation.router.plant + patience_s
        while True:
            now = self.simulation.router.now.wall
            state, new_id = self.course.state, self.simulation.ccu.new_id
            plan = prepare(kind, parameters, state, now=now, new_id=new_id)
            if not against(plan):
                self.send(plan, whole=whole)
                return plan
            if self.simulation.router.plant >= min(ends, self._horizon_s):
                return plan
            self.live(LOOK_EVERY_PLANT_S)

    def send(self, plan: Plan, *, whole: bool = True) -> None:
        """Send its messages as orders does: each when the one before has had its effect.

        Not `whole`: until the next command could go out; an order takes minutes after its answer.
        """
        router, course, self.sent = self.simulation.router, self.course, True
        self._open()
        for number, step in enumerate(plan.steps, 1):
            if not router.readers(step.topic):
                course.deaf = (*course.deaf, step.topic)
                continue
            if course.fate in ("failed", "silent"):
                return
            self._await(step.effect)
            payload = step.payload.encode()
            router.publish(Send(step.topic, payload, step.qos, step.retain))
            awaited = whole or bool(step.action_id) or number < len(plan.steps)
            self._follow(step.effect, whole=awaited)
        if course.deaf and course.fate == "open":
            return
        course.took_s = self._lived if course.fate == "effect" else None

    def _open(self) -> None:
        self.course.fate, self.course.why = "open", None

    def _await(self, effect: Effect) -> None:
        self._awaiting, self._earlier, self._verdict = effect, [], None

    def _follow(self, effect: Effect | None, *, whole: bool) -> None:
        """Until the last effect of the chain, or only its first, was seen, or its window passed."""
        while effect is not None:
            window = min(effect.window_s * self._speed, self._horizon_s)
            self.live(window, decided=True)
            verdict, self.course.why = self._verdict, self._verdict or effect
            if verdict is None or verdict.outcome != "effect":
                self.course.fate = "failed" if verdict else "silent"
                return
            self.course.fate = "effect"
            effect = effect.follow_up if whole else None
            if effect is not None:
                self._await(effect)
        self._awaiting = None

    # --- life -------------------------------------------------------------------------------

    @property
    def _lived(self) -> float:
        return self.simulation.router.now.wall - self._now

    def live(self, seconds: float, *, decided: bool = False) -> None:
        """Let plant time pass and look now and then; with `decided` until a proof was heard."""
        router = self.simulation.router
        end = min(router.plant + seconds, self._horizon_s)
        while router.plant < end:
            pause = min(LOOK_EVERY_PLANT_S, end - router.plant)
            if router.run(pause, (lambda: self._verdict is not None) if decided else None):
                break
            self._look(pause)
        self.course.lasted_s = self._lived

    def until_still(self) -> None:
        """Live on until no order is open, at least until all that was reset is back."""
        self.live(SETTLES_S)
        router, book = self.simulation.router, self.simulation.ccu.book
        while book.active and router.plant < self._horizon_s:
            self.live(LOOK_EVERY_PLANT_S)

    def _look(self, since: float) -> None:
        state, at = self.course.state, self.simulation.router.now.wall
        for alarm in state.alarms(at):
            self.course.alarms.setdefault(alarm.id, alarm)
        for devices in (state.modules, state.vehicles):
            for serial, device in devices.items():
                if device.available not in (None, "READY"):
                    self.course.busy[serial] += since / self._speed
        for order in state.orders.values():
            if order.list == "completed" and order.id not in self.course.ends:
                self.course.ends[order.id] = (order.changed_at or at) - self._now


def against(plan: Plan) -> tuple[Check, ...]:
    """What stands in the way of a command and no reason sets aside."""
    return standing(plan.checks, override="tried in a simulation")


def without(
    state: FactoryState, now: float, plant_s: float, learned: LearnedDurations | None
) -> Course:
    """What comes by itself, for so many seconds of the factory."""
    follower = Follower(state, now, learned)
    follower.live(plant_s)
    return follower.course


def _copy(state: FactoryState) -> FactoryState:
    """With the rules the alarms go by and the names of the site, which no message tells."""
    made = FactoryState.restore(state.snapshot())
    made.alarm_rules, made.site = state.alarm_rules, state.site
    return made
