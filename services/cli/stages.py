"""The stages of one command as they come, and the exit code they end in."""

import asyncio

from omf.texts import text
from services.cli import rows
from services.cli.commands import newest_event
from services.cli.output import data, fail, say, show
from services.common.store.bus import Bus, StoreError
from services.common.store.busy import retry_after_s
from services.common.store.keys import FINAL_STAGES, Command, CommandEvent, Stage
from services.common.store.submission import TooBusyError

EXIT_CODES = {
    Stage.EFFECT: 0,
    Stage.REFUSED: 3,
    Stage.NO_EFFECT: 4,
    Stage.EXPIRED: 5,
    Stage.UNKNOWN: 6,
    Stage.FAILED: 7,
}
EXIT_TOO_BUSY = 8
"""Refused because too much was asked at once: nothing was sent, the same may be asked again."""
EVENTS_RETRY_S = 0.5


def exit_code(final: Stage | None, retry_s: int | None = None) -> int:
    """What a script learns; None is: nothing final in the time waited, so no effect yet.

    `retry_s`: it was refused for want of time, and when to ask again.
    """
    return EXIT_CODES[final or Stage.NO_EFFECT] if retry_s is None else EXIT_TOO_BUSY


async def hand_over(bus: Bus, asked: Command) -> None:
    """Submit it; ends with EXIT_TOO_BUSY where more is asked for than can be done."""
    try:
        await bus.submit(asked)
    except TooBusyError as error:
        fail(rows.words(text("reason.too_busy", retry_s=error.retry_s)), EXIT_TOO_BUSY)


class StagePrinter:
    """Prints every stage of one command, from its first on, each once."""

    def __init__(self, bus: Bus, command_id: str, *, as_json: bool) -> None:
        self._bus = bus
        self._command_id = command_id
        self._as_json = as_json
        self._after = "0-0"
        self._shown = 0
        self._last: Stage | None = None
        self.known = False
        """Orders knew this command before: it was submitted earlier under the same id."""
        self.retry_s: int | None = None
        """When to ask again, in seconds, if too much was asked at once."""

    async def begin(self) -> None:
        """Remember where the future begins; must come before the submit."""
        self._after = await newest_event(self._bus)
        if record := await self._bus.record(self._command_id):
            self.known = True
            for event in record.events:
                self._show(event)

    async def until_final(self, wait_s: float) -> Stage | None:
        """The stage the command ended in; None when it did not in `wait_s` seconds."""
        if self._last in FINAL_STAGES:
            return self._last
        try:
            async with asyncio.timeout(wait_s):
                return await self._follow()
        except TimeoutError:
            say(self._silence(wait_s))
            return None

    async def _follow(self) -> Stage:
        while True:
            try:
                async for batch in self._bus.follow_models("events", CommandEvent, self._after):
                    if end := self._end(batch):
                        return end
            except StoreError as error:
                say(f"omf: waiting for the store: {error}")
                await asyncio.sleep(EVENTS_RETRY_S)

    def _end(self, batch: list[tuple[str, CommandEvent]]) -> Stage | None:
        """Show our command's events; the stage it ended in, if it did."""
        for self._after, event in batch:
            if event.command_id == self._command_id and self._show(event):
                return event.stage
        return None

    def _show(self, event: CommandEvent) -> bool:
        """Print one stage; True when it is the end."""
        self._shown += 1
        self._last = event.stage
        self.retry_s = retry_after_s(event.reasons)
        if self._as_json:
            data(event.model_dump(mode="json"))
        else:
            show(*rows.event_lines(event))
        return event.stage in FINAL_STAGES

    def _silence(self, wait_s: float) -> str:
        if not self._shown:
            return f"omf: orders said nothing in {wait_s:g} s; does it run? See `omf status`."
        return (
            f"omf: nothing final in {wait_s:g} s; "
            f"`omf send --command-id {self._command_id}` with the same words asks again."
        )
