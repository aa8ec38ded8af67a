"""The arbiter's life: fold the past, take up what was awaited, then decide until told to stop."""

import json
from collections.abc import Sequence

from prometheus_client import REGISTRY

from omf.messages.message import Message
from services.common.process.health import Health
from services.common.process.main import Stop, every
from services.common.store.bus import Bus
from services.common.store.consumer import StreamConsumer, StreamEntry
from services.common.store.faststream_adapter import again
from services.common.store.fold_reader import Beginning
from services.common.store.retention import Keeping
from services.common.store.store_clock import StoreClock
from services.orders import metrics
from services.orders.app import GROUP, application
from services.orders.arbiter import Arbiter
from services.orders.figures import Figures
from services.orders.ledger import Ledger
from services.orders.settings import OrdersSettings
from services.orders.telling import Telling
from services.orders.view import JournalView
from services.orders.workflows import WorkflowOrderManager

SWEEP_S = 1.0
KEEP_DAYS = {"commands": 30, "receipts": 7, "events": 30, "audit": 90, "dead": 90}
"""Commands as long as their records; who asked for what, a quarter."""
TICK_S = 0.5
FIGURES_S = 2.0
"""More often than anybody scrapes."""
CLOSE_S = 3.0


class Orders:
    """Everything of one orders process."""

    def __init__(self, settings: OrdersSettings) -> None:
        self.health = Health(self._missing)
        self._settings = settings
        self._bus = Bus(settings.store_address, settings.environment)
        self._ledger = ledger = Ledger(self._bus, GROUP, leased=settings.control_lease)
        self._clock = StoreClock(self._bus)
        self._view = JournalView(self._bus, self.health, self._clock)
        self._figures = Figures()
        self._telling = Telling(settings.environment)
        self._workflows = WorkflowOrderManager(
            self._bus, ledger, self._view, self._clock, self._telling.tell
        )
        self._workflows.dropped = self._telling.dropped
        self._arbiter = Arbiter(self._bus, ledger, self._view, self._workflows)
        self._commands = StreamConsumer(
            self._bus, "commands", GROUP, self._decide, give_up=self._arbiter.give_up
        )
        self._receipts = StreamConsumer(self._bus, "receipts", GROUP, self._note, lane=_lane)
        self._keeping = Keeping(self._bus, self._clock, KEEP_DAYS)
        self._beginning = Beginning()
        self._open = False

    async def run(self) -> int:
        """Live until SIGTERM (0), or until something broke that only a restart mends (1)."""
        stop = Stop()
        REGISTRY.register(self._figures)
        self.health.watch()
        self.health.serve(self._settings.metrics_host, self._settings.metrics_port)
        async with self._bus:
            await stop.store(self._bus, self.health)
            await self._clock.sync()
            await self._ledger.open_lease()
            await self._view.open()
            await self._workflows.open()
            await self._receipts.open()
            await self._commands.open()
            await metrics.show_dead(self._bus)
            REGISTRY.register(metrics.EVER_DEAD)
            app = application(self._settings, self._commands.take, self._receipts.take)
            await app.start()
            for inbox in (self._commands, self._receipts):
                inbox.read_again = again(app, self._settings.environment, inbox.stream)
            self._open = True
            code = await stop.during(
                self._view.follow(self._hear),
                every(SWEEP_S, "commands", self._commands.sweep, self.health),
                every(SWEEP_S, "receipts", self._receipts.sweep, self.health),
                every(TICK_S, "time", self._workflows.tick, self.health),
                every(SWEEP_S, "snapshot", self._view.save, self.health),
                every(FIGURES_S, "figures", self._show, self.health),
                every(SWEEP_S, "keeping", self._keeping.step, self.health),
                every(SWEEP_S, "beginning", self._begin_anew, self.health),
            )
            for inbox in (self._commands, self._receipts):
                inbox.refuse()
            await app.stop()
            await self._commands.close(CLOSE_S)
            await self._receipts.close(CLOSE_S)
        return code

    async def _begin_anew(self) -> None:
        """Know what the store holds, and no more, once it was emptied."""
        if self._beginning.changed(await self._bus.link("ingest")):
            self._view.begin_anew()
            self._workflows.forget_all()
            await self._ledger.open_lease()

    async def _decide(self, entry: StreamEntry) -> None:
        await self._arbiter.handle(entry, self._commands)

    async def _note(self, entry: StreamEntry) -> None:
        await self._workflows.receipt(entry, self._receipts)

    def _hear(self, batch: Sequence[Message]) -> None:
        self._telling.hear(batch)
        self._workflows.hear(batch)

    async def _show(self) -> None:
        view = self._view.now(await self._bus.link("ingest"))
        self._telling.check(view.now, blind=view.flaw is not None)
        self._figures.take(view.state, view.message_now)
        metrics.BACKLOG.set(self._commands.backlog + self._receipts.backlog)
        await metrics.show_dead(self._bus)

    def _missing(self) -> str | None:
        return None if self._open else "the journal is still being read"


def _lane(entry: StreamEntry) -> str:
    """What became of one command is noted in order; what is no Receipt has a lane of its own."""
    try:
        return str(json.loads(entry.fields[b"__data__"])["command_id"])
    except (ValueError, KeyError, TypeError):
        return "?"
