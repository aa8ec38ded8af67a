"""Operators in a run: each asks for one thing after the other and waits for what came of it."""

import asyncio
from typing import Any

from services.common.process import clock
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import FINAL_STAGES, Command, CommandRecord, Role, Stage
from tests.simulation.faults import Dice, Journal

ASK_PAUSE_S = (0.1, 1.5)
LOOK_S = 0.5
THEMES = ("module-sequence", "production-order")
"""Of a run: while the control unit works on an order, nothing goes to a module by hand."""
FREE = 5
"""Of a dozen wishes; the only ones that a factory never refuses for how it stands."""
ENDED = FINAL_STAGES | {Stage.ACCEPTED}
"""A bracket may wait for the release of its next step."""
WISHES: dict[str, dict[str, Any]] = {
    "production-order": {"colour": "WHITE"},
    "module-sequence": {"module": "MILL", "colour": "RED"},
    "free-message": {"topic": "site/lamp", "payload": "{}", "confirm": "SENDEN"},
    "status-led": {"light": "yellow"},
    "mock-refill": {},
    "control-take": {"minutes": 60},
    "control-release": {},
    "control-request": {},
}


class SimulatedPerson:
    """One of several at the same factory."""

    def __init__(self, name: str, dice: Dice, journal: Journal) -> None:
        self.name = name
        self.asked: dict[str, Command] = {}
        """Every command whose taking the store acknowledged to us, by id."""
        self.told: dict[str, Stage] = {}
        """The last stage each was seen in."""
        self.done = False
        """Asks for nothing more."""
        self._presses = False
        self._dice = dice
        self._theme = dice.theme(*THEMES)
        self._journal = journal

    @property
    def waits_for_nothing(self) -> bool:
        """True once everything asked for has ended, or waits for a person."""
        return not self._presses and all(self.told.get(one) in ENDED for one in self.asked)

    @property
    def _wished(self) -> tuple[str, ...]:
        others = tuple(kind for kind in WISHES if kind not in THEMES)
        return (*others, *(self._theme,) * 3, *("free-message",) * FREE)

    async def live(self) -> None:
        """Ask and look until ended."""
        self._presses = False
        async with Bus("redis://127.0.0.1", "mock") as bus:
            await asyncio.gather(self._ask(bus), self._watch(bus))

    async def _ask(self, bus: Bus) -> None:
        while True:
            await asyncio.sleep(self._dice.between(*ASK_PAUSE_S))
            if self.done:
                continue
            kind = self._dice.pick(*self._wished)
            given = dict(WISHES[kind])
            number = len(self.asked) + 1
            if kind == "module-sequence":
                given["module"] = self._dice.pick("MILL", "DRILL")
            if kind == "free-message":
                given["payload"] = f'{{"lamp":"{self.name}-{number}"}}'
            command = Command(
                command_id=f"{self.name}-{number}",
                kind=kind,
                parameters=given,
                environment="mock",
                operator=self.name,
                role=Role.ADMIN,
                created_at=clock.now(),
                source="test",
            )
            self._presses = True
            await self._submit(bus, command)
            self._presses = False

    async def _submit(self, bus: Bus, command: Command) -> None:
        """Press until it was taken; who was not answered presses again, it is the same command."""
        again = self._dice.hits(self._dice.chances.told_twice)
        while True:
            try:
                await bus.submit(command)
            except StoreError:
                await asyncio.sleep(LOOK_S)
                continue
            self.asked[command.command_id] = command
            self._journal.note(self.name, f"asked {command.kind} {command.command_id}")
            if not again:
                return
            again = False

    async def _watch(self, bus: Bus) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for command_id in list(self.asked):
                if self.told.get(command_id) in FINAL_STAGES:
                    continue
                try:
                    record = await bus.record(command_id)
                except StoreError:
                    break
                if record:
                    self._note(command_id, record)

    def _note(self, command_id: str, record: CommandRecord) -> None:
        final = [event.stage for event in record.events if event.stage in FINAL_STAGES]
        if final:
            self._journal.note(self.name, f"{command_id} ended {final[0].value}")
        self.told[command_id] = final[0] if final else record.events[-1].stage
