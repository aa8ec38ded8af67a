"""Looks at the store at the moments that count, past the network.

What is judged at the end of a run only shows if a fault hits the wrong moment; what must hold at
each moment shows in every run.
"""

from services.common.store import entries
from services.common.store.alarm_lives import ALARMS_OWNER, AlarmsOwner
from services.common.store.keys import (
    JOURNAL,
    Command,
    Outgoing,
    Receipt,
    ReceiptStage,
    Stage,
    key,
)
from services.common.store.leader_lease import leader_key
from services.ingest.redelivery import ENTRY, crc
from tests.simulation.broker import Accepted
from tests.simulation.contents import StoreContents
from tests.simulation.process import Life, life_at_work
from tests.simulation.system import ENVIRONMENT, LED, SimulatedSystem

EXPIRY_SLACK_S = 0.25
"""The script that permits a publish asks the clock, and its answer takes a moment."""
SENT = key(ENVIRONMENT, "sent:").encode()
RECEIPTS, JOURNAL_KEY, OWNER = (
    key(ENVIRONMENT, name).encode() for name in ("receipts", f"buffer:{JOURNAL}", ALARMS_OWNER)
)


class Witness:
    """What it saw that must never be."""

    def __init__(self, system: SimulatedSystem) -> None:
        self.found: list[str] = []
        self._contents = StoreContents(system.network.store)
        self._acknowledged: set[tuple[str, bytes]] = set()
        self._led_as: dict[Life, bytes] = {}
        self._mirrored: set[tuple[bytes, bytes]] = set()
        self._owner = AlarmsOwner(owner="", at=0.0)
        self._host = system.host
        self._permitted: dict[str, tuple[float, float]] = {}
        """When the store first let each step go out: by its own clock, and by one nobody sets."""
        system.broker.onlooker = self
        system.network.store.appended = self._appended
        system.network.store.written = self._written

    def all_handled(self) -> bool:
        """Nobody has anything left to do."""
        return self._contents.all_handled()

    def published(self, one: Accepted) -> None:
        """Whatever the gateway sends was noted before, and not settled before."""
        self._in_hand()
        if not one.sender.startswith("omf-gateway"):
            return
        wanted = [
            outgoing
            for outgoing in self._contents.models("outbox", Outgoing)
            if (outgoing.topic, outgoing.payload.encode()) == (one.topic, one.payload)
        ]
        noted = [self._contents.text(f"sent:{outgoing.outbox_id}") for outgoing in wanted]
        if wanted and not any(noted):
            self.found.append(f"{wanted[0].outbox_id} was sent before that was noted")
        elif wanted and b"attempted" not in noted:
            self.found.append(f"{wanted[0].outbox_id} was sent after it was settled: {noted}")
        if late := [why for outgoing in wanted if (why := self._late(one, outgoing))]:
            self.found += late[:1] if len(late) == len(wanted) else []

    def _late(self, one: Accepted, outgoing: Outgoing) -> str:
        """Why it must not go out any more; a clock set after it was let go is no reason."""
        permitted, then = self._permitted.get(outgoing.outbox_id, (one.at, self._host.monotonic()))
        if permitted > outgoing.expires_at:
            return f"{outgoing.outbox_id} was let go {permitted - outgoing.expires_at:.3f} s late"
        at = min(one.at, permitted + self._host.monotonic() - then)
        late_s = at - outgoing.expires_at
        sent = f"{outgoing.outbox_id} was sent {late_s:.3f} s after it expired"
        return sent if late_s > EXPIRY_SLACK_S else ""

    def acknowledged(self, topic: str, payload: bytes) -> None:
        """The gateway has the PUBACK of a message."""
        self._acknowledged.add((topic, payload))

    def settled(self, topic: str, payload: bytes, retain: bool, *, mid: int) -> None:  # noqa: FBT001 - as the session keeps it
        """Whatever ingest acknowledges is in the journal, and would be known again."""
        said = (topic.encode(), payload)
        if said not in self._mirrored:
            self.found.append(f"{topic} was acknowledged and is not in the journal")
        mark = ENTRY.pack(mid, crc(crc(0, said[0]), payload))
        if not retain and mark not in self._contents.text("window"):
            self.found.append(f"{topic} was acknowledged and would not be known again")

    def _appended(self, name: bytes, fields: list[bytes]) -> None:
        self._led()
        if name == JOURNAL_KEY:
            self._mirrored.add((fields[1], fields[3]))
        if name == RECEIPTS:
            told = dict(zip(fields[::2], fields[1::2], strict=True))
            self._receipt(entries.decode(Receipt, told))

    def _led(self) -> None:
        """Who appends leads: an earlier life of a role, or one that was frozen, writes nothing."""
        life = life_at_work()
        role = life.name.partition("-")[0] if life else ""
        if life and role in LED:
            leads = self._contents.hash(leader_key(role)).get(b"life", b"")
            if self._led_as.setdefault(life, leads) != leads:
                self.found.append(f"{life.name} wrote though another one led by then")

    def _receipt(self, receipt: Receipt) -> None:
        """A receipt says what the gateway knows at that moment."""
        if receipt.stage is not ReceiptStage.ACKNOWLEDGED:
            return
        for one in self._contents.models("outbox", Outgoing):
            said = (one.topic, one.payload.encode())
            if one.outbox_id == receipt.outbox_id and said not in self._acknowledged:
                self.found.append(f"{one.outbox_id} was told as acknowledged before it was")

    def _written(self, name: bytes, value: bytes) -> None:
        """Of two owners of the alarms one writes: each goes on from the word that lay there."""
        if name.startswith(SENT) and value == b"attempted":
            now = self._host.now(), self._host.monotonic()
            self._permitted.setdefault(name.removeprefix(SENT).decode(), now)
        if name != OWNER:
            return
        before, self._owner = self._owner, AlarmsOwner.model_validate_json(value)
        taken = self._owner.owner != before.owner
        if self._owner.revision < before.revision + taken:
            why = f"{before.owner} at {before.revision} and {self._owner.owner} at"
            self.found.append(f"two own the alarms: {why} {self._owner.revision}")

    def _in_hand(self) -> None:
        """What is decided or settled left the stream it came by in the same step."""
        for outgoing in self._contents.models_in_hand("outbox", "gateway", Outgoing):
            if self._contents.text(f"sent:{outgoing.outbox_id}") not in (b"", b"attempted"):
                self.found.append(f"{outgoing.outbox_id} is settled and still in hand")
        for command in self._contents.models_in_hand("commands", "orders", Command):
            if self._contents.life(command.command_id) and self._asked_once(command.command_id):
                self.found.append(f"{command.command_id} is decided and still in hand")
        for receipt in self._contents.models_in_hand("receipts", "orders", Receipt):
            told = [event.stage for event in self._contents.life(receipt.command_id)]
            acknowledged = receipt.stage is ReceiptStage.ACKNOWLEDGED
            if acknowledged and receipt.step == 0 and Stage.ACKNOWLEDGED in told:
                self.found.append(f"{receipt.outbox_id} is told and its receipt still in hand")

    def _asked_once(self, command_id: str) -> bool:
        asked = self._contents.models("commands", Command)
        return sum(one.command_id == command_id for one in asked) == 1
