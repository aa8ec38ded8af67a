"""The life of orders: fold the past, take up what was awaited, then decide until told to stop."""

from collections.abc import Sequence

from faststream import FastStream

from omf.commands import APPROVAL_ACTS, PLAN_ACTS, PURCHASE_ACTS, SEQUENCE_ACTS, SITE_ACTS
from omf.messages.message import Message
from services.common.process import clock, factory_scope
from services.common.process.factory_metrics import register
from services.common.process.health import Health
from services.common.process.leadership import Leadership
from services.common.process.main import Stop, every
from services.common.process.settings import ServiceSettings
from services.common.store import faststream_adapter
from services.common.store.bus import Bus
from services.common.store.faststream_adapter import StreamReader, Take, again, begin
from services.common.store.keys import AuditRecord, Command, CommandEvent, Outgoing, Receipt
from services.common.store.retention import Keeping
from services.common.store.store_clock import StoreClock
from services.orders import metrics
from services.orders.access_notes import AccessSealer
from services.orders.command_observers import CommandObservers
from services.orders.kept.approvals import ApprovalKeeper
from services.orders.kept.owner import OwnerContext
from services.orders.kept.plans import PlanKeeper
from services.orders.kept.purchases import PurchaseKeeper
from services.orders.kept.sequences import SequenceRunner
from services.orders.kept.site import SiteKeeper
from services.orders.metrics import FactoryMetrics
from services.orders.repository import GROUP, CommandRepository
from services.orders.service import CommandService, DecidedElsewhere
from services.orders.settings import OrdersSettings
from services.orders.throttle import SubmissionThrottle
from services.orders.view import JournalView
from services.orders.workflows import WorkflowOrderManager

SWEEP_S = 1.0
KEEP_DAYS = {"commands": 30, "receipts": 7, "events": 30, "audit": 90, "dead": 90}
"""Commands as long as their records; who asked for what, a quarter."""
TICK_S = 0.5
ACCESS_S = 2.0
FIGURES_S, SHARED_FIGURES_S = 2.0, 5.0
"""More often than anybody scrapes; beside other factories as often as Prometheus here does."""


class Orders:
    """Everything of one orders process."""

    def __init__(self, settings: OrdersSettings) -> None:
        self.health = Health(self._missing)
        self._settings = settings
        self._bus = Bus(settings.store_address, settings.environment, settings.store_replicas)
        self._leadership = Leadership(self._bus, "orders", settings.node, self.health)
        self._repository = CommandRepository(
            self._bus, leased=settings.control_lease, four_eyes=settings.four_eyes
        )
        self._clock = StoreClock(self._bus)
        self._view = JournalView(
            self._bus, self.health, self._clock, opened=self._begin, seen=self._on_messages
        )
        self._factory_metrics = FactoryMetrics()
        self._observers = CommandObservers(settings.environment)
        self._workflows = WorkflowOrderManager(
            self._bus, self._repository, self._view, self._clock, self._observers
        )
        context = OwnerContext(self._bus, self._repository, self._view, self._observers)
        self._sequences = SequenceRunner(context, self._clock)
        self._plans = PlanKeeper(context, settings.shift_calendar.zone)
        self._purchases = PurchaseKeeper(context)
        self._approvals = ApprovalKeeper(context)
        site = SiteKeeper(context)
        self._service = CommandService(
            self._bus,
            self._repository,
            self._view,
            self._workflows,
            self._observers,
            DecidedElsewhere(
                self._approvals.judged,
                {
                    **dict.fromkeys(APPROVAL_ACTS, self._approvals.accept),
                    **dict.fromkeys(SEQUENCE_ACTS, self._sequences.accept),
                    **dict.fromkeys(PLAN_ACTS, self._plans.accept),
                    **dict.fromkeys(PURCHASE_ACTS, self._purchases.accept),
                    **dict.fromkeys(SITE_ACTS, site.accept),
                },
            ),
        )
        self._inboxes = (self._service.inbox, self._workflows.inbox)
        self._keeping = Keeping(self._bus, self._clock, KEEP_DAYS)
        self._open = False

    async def run(self, stop: Stop) -> int:
        """Live until asked to stop (0), or until something broke that only a restart mends (1)."""
        register(self._factory_metrics)
        async with self._bus:
            await stop.store(self._bus, self.health, self._settings.durability)
            await self._leadership.begin(stop.asked)
            await self._take_up()
            commands, receipts = self._inboxes
            app = application(self._settings, commands.take, receipts.take)
            await begin(app)
            for inbox in self._inboxes:
                inbox.read_again = again(app, self._settings.environment, inbox.stream)
            self._open = True
            access = AccessSealer(self._bus, self._repository)
            figures_s = FIGURES_S if factory_scope.current() is None else SHARED_FIGURES_S
            code = await stop.during(
                self._view.run(),
                SubmissionThrottle(self._bus, self._observers.admission).run(),
                every(SWEEP_S, "commands", commands.sweep, self.health),
                every(SWEEP_S, "receipts", receipts.sweep, self.health),
                every(TICK_S, "time", self._workflows.tick, self.health),
                every(TICK_S, "sequences", self._sequences.tick, self.health),
                every(SWEEP_S, "plans", self._plans.tick, self.health),
                every(SWEEP_S, "purchases", self._purchases.tick, self.health),
                every(SWEEP_S, "approvals", self._approvals.tick, self.health),
                every(ACCESS_S, "access", access.tick, self.health),
                every(SWEEP_S, "snapshot", self._view.save, self.health),
                every(figures_s, "figures", self._show_metrics, self.health),
                every(SWEEP_S, "keeping", self._keeping.step, self.health),
            )
            for inbox in self._inboxes:
                inbox.refuse()
            await app.stop()
            await commands.close()
            await receipts.close()
            await self._leadership.release()
        return code

    async def _take_up(self) -> None:
        """Fold the past, and go on where whoever led before ended."""
        await self._clock.sync()
        await self._view.open()
        await self._workflows.open()
        for inbox in reversed(self._inboxes):
            await inbox.open()
        await metrics.show_dead(self._bus)
        register(metrics.EVER_DEAD)

    async def _begin(self) -> None:
        """Know what the store holds, and no more: at the start, and once it was emptied."""
        self._workflows.forget_all()
        self._approvals.forget()
        self._observers.admission.clear()
        await self._repository.open_lease()

    def _on_messages(self, batch: Sequence[Message]) -> None:
        self._observers.probe.on_messages(batch)
        self._workflows.on_messages(batch)

    async def _show_metrics(self) -> None:
        view = await self._view.latest()
        self._observers.check(view.now, blind=view.flaw is not None)
        self._factory_metrics.update(view.state, view.message_now)
        admission = self._observers.admission
        admission.clean(clock.monotonic())
        metrics.COMMANDS_WAITING.set(len(admission))
        metrics.SERVICE_RATE.set(admission.rate.per_s)
        metrics.COMMAND_BACKLOG.set(sum(inbox.backlog for inbox in self._inboxes))
        await metrics.show_dead(self._bus)

    def _missing(self) -> str | None:
        return None if self._open else "the journal is still being read"


def application(settings: ServiceSettings, commands: Take, receipts: Take) -> FastStream:
    """The streams of orders, read by whoever takes the entries."""
    wanted = "What operators want; each is decided on once."
    reads = (
        StreamReader("commands", Command, commands, wanted),
        StreamReader("receipts", Receipt, receipts, "What became of each publish."),
    )
    return faststream_adapter.application(
        settings,
        GROUP,
        reads=reads,
        writes={"outbox": Outgoing, "events": CommandEvent, "audit": AuditRecord},
    )
