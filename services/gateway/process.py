"""The gateway's life: link up, unfinished work first, then what is new, until told to stop."""

import asyncio
import secrets

from faststream import FastStream

from services.common.mqtt.link import LinkCallbacks, LinkState
from services.common.mqtt.mqtt_link import MqttLink
from services.common.mqtt.paho_client import MAX_INFLIGHT
from services.common.process import clock
from services.common.process.health import Health
from services.common.process.leadership import Leadership
from services.common.process.main import Stop, every
from services.common.process.settings import ServiceSettings
from services.common.store import faststream_adapter
from services.common.store.bus import Bus
from services.common.store.consumer import InboxLostError
from services.common.store.faststream_adapter import StreamReader, Take, again, begin
from services.common.store.keys import LinkHealth, Outgoing, Receipt
from services.common.store.retention import Keeping
from services.common.store.store_clock import StoreClock
from services.gateway import metrics
from services.gateway.repository import GROUP, ReceiptRepository
from services.gateway.service import BrokerConnection, PublishService

TICK_S = 1.0
KEEP_DAYS = {"outbox": 7}
NAMED_TRIES, NAMED_PAUSE_S = 10, 0.1
"""Both start at once, and ingest names the installation first thing."""
"""Less than the five seconds a service has to end; what waits for the broker stays pending."""


class Gateway:
    """Everything of one gateway process."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.health = Health(self._missing)
        self._settings = settings
        self._bus = Bus(settings.store_address, settings.environment, settings.store_replicas)
        self._leadership = Leadership(self._bus, "gateway", settings.node, self.health)
        self._loop = asyncio.get_running_loop()
        self._link = MqttLink(
            settings.mqtt_address,
            client_id=f"omf-gateway-{settings.environment}",
            owner=LinkCallbacks(on_change=self._link_changed),
            # Above it the client would queue, and send what has expired once the broker thaws.
            window=MAX_INFLIGHT,
            # So that a broker can say that it does not take a command.
            newest=True,
        )
        self._connection = BrokerConnection(lambda: self._link.state.connected)
        self._clock = StoreClock(self._bus)
        repository = ReceiptRepository(self._bus, self._clock)
        service = PublishService(
            self._bus, repository, self._link, self._connection, self._leadership
        )
        self._inbox = service.inbox
        self._keeping = Keeping(self._bus, self._clock, KEEP_DAYS)
        self._open = False

    async def run(self, stop: Stop) -> int:
        """Live until asked to stop (0), or until something broke that only a restart mends (1)."""
        metrics.follow(lambda: self._link.state, lambda: self._inbox.backlog)
        async with self._bus:
            await stop.store(self._bus, self.health, self._settings.durability)
            # Before the broker is asked: it throws out whoever has our client id there.
            await self._leadership.begin(stop.asked)
            await self._clock.sync()
            self._link.name(
                f"omf-gateway-{self._settings.environment}-{await self._installation()}"
            )
            self._link.start()
            try:
                code = await self._serve(stop)
            except Exception:
                # The next life has a link of the same name; this one need not be waited for.
                self._link.stop(0.0)
                raise
            # In a thread: a name server that does not answer holds it up for seconds.
            await asyncio.to_thread(self._link.stop)
            await self._leadership.release()
        return code

    async def _serve(self, stop: Stop) -> int:
        await self._inbox.open()
        app = application(self._settings, self._inbox.take)
        await begin(app)
        self._inbox.read_again = again(app, self._settings.environment, "outbox")
        self._open = True
        code = await stop.during(
            every(TICK_S, "outbox", self._inbox.sweep, self.health),
            every(TICK_S, "link", self._report, self.health),
            every(TICK_S, "keeping", self._keeping.step, self.health),
        )
        self._inbox.refuse()
        await app.stop()
        await self._inbox.close()
        return code

    async def _installation(self) -> str:
        """The name ingest gave this installation; while it gave none, one for this life."""
        for _ in range(NAMED_TRIES):
            found = await self._bus.call(
                self._bus.client.hget(self._bus.key("ingest"), "installation")
            )
            if found:
                return bytes(found).decode()
            await asyncio.sleep(NAMED_PAUSE_S)
        return secrets.token_hex(3)

    def _link_changed(self, _: LinkState) -> None:
        """Runs in the network thread."""
        self._loop.call_soon_threadsafe(self._connection.on_change)

    async def _report(self) -> None:
        """Tell how the publishing side is; a dead network thread ends the process."""
        if not self._link.alive:
            raise InboxLostError("the network thread of the broker link is dead")
        self.health.beat("network", self._link.turned_at)
        state, now = self._link.state, await self._clock.sync()
        behind_s = now - clock.now()
        link = LinkHealth(
            connected=state.connected,
            broker=str(self._link.broker),
            client_id=self._link.client_id,
            since=state.since + behind_s,
            at=now,
            last_packet_at=state.last_packet_at and state.last_packet_at + behind_s,
            reconnects=state.reconnects,
            queue=self._inbox.backlog,
            detail=state.detail,
            taken_over_by=state.taken_over_by,
            protocol=state.protocol,
        )
        await self._bus.set_link("gateway", link)

    def _missing(self) -> str | None:
        if not self._open:
            return "the outbox is not read yet"
        state = self._link.state
        return None if state.connected else f"the broker is not connected: {state.detail}"


def application(settings: ServiceSettings, outbox: Take) -> FastStream:
    """The streams of the gateway, read by whoever takes the entries."""
    told = "Frozen bytes to publish; each ends in a receipt."
    reads = (StreamReader("outbox", Outgoing, outbox, told),)
    return faststream_adapter.application(
        settings, GROUP, reads=reads, writes={"receipts": Receipt}
    )
