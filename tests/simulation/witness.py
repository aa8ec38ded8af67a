"""Looks at the store at the moments that count, past the network.

What is judged at the end of a run only shows if a fault hits the wrong moment; what must hold at
each moment shows in every run.
"""

from collections import Counter

from services.common.store import entries
from services.common.store.keys import Command, Outgoing, Receipt, ReceiptStage, key
from services.ingest.redelivery import ENTRY, crc
from tests.simulation.broker import Accepted
from tests.simulation.contents import StoreContents
from tests.simulation.system import ENVIRONMENT, SimulatedSystem

RECEIPTS = key(ENVIRONMENT, "receipts").encode()


class Witness:
    """What it saw that must never be."""

    def __init__(self, system: SimulatedSystem) -> None:
        self.found: list[str] = []
        self._contents = StoreContents(system.network.store)
        self._acknowledged: set[tuple[str, bytes]] = set()
        system.broker.onlooker = self
        system.network.store.appended = self._appended

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
        elif wanted and all(outgoing.once for outgoing in wanted) and b"attempted" not in noted:
            self.found.append(f"{wanted[0].outbox_id} was sent after it was settled: {noted}")

    def acknowledged(self, topic: str, payload: bytes) -> None:
        """The gateway has the PUBACK of a message."""
        self._acknowledged.add((topic, payload))

    def settled(self, topic: str, payload: bytes, retain: bool, *, mid: int) -> None:  # noqa: FBT001 - as the session keeps it
        """Whatever ingest acknowledges is in the journal, and would be known again."""
        said = (topic.encode(), payload)
        rows = reversed(self._contents.rows("buffer:#"))
        if not any((fields[b"t"], fields[b"p"]) == said for _, fields in rows):
            self.found.append(f"{topic} was acknowledged and is not in the journal")
        mark = ENTRY.pack(mid, crc(crc(0, said[0]), payload))
        if not retain and mark not in self._contents.text("window"):
            self.found.append(f"{topic} was acknowledged and would not be known again")

    def _appended(self, name: bytes, fields: list[bytes]) -> None:
        """A receipt says what the gateway knows at that moment."""
        if name != RECEIPTS:
            return
        receipt = entries.decode(Receipt, dict(zip(fields[::2], fields[1::2], strict=True)))
        if receipt.stage is not ReceiptStage.ACKNOWLEDGED:
            return
        for one in self._contents.models("outbox", Outgoing):
            said = (one.topic, one.payload.encode())
            if one.outbox_id == receipt.outbox_id and said not in self._acknowledged:
                self.found.append(f"{one.outbox_id} was told as acknowledged before it was")

    def _in_hand(self) -> None:
        """What is decided or settled left the stream it came by in the same step."""
        for outgoing in self._contents.models_in_hand("outbox", "gateway", Outgoing):
            if self._contents.text(f"sent:{outgoing.outbox_id}") not in (b"", b"attempted"):
                self.found.append(f"{outgoing.outbox_id} is settled and still in hand")
        asked = Counter(one.command_id for one in self._contents.models("commands", Command))
        for command in self._contents.models_in_hand("commands", "orders", Command):
            handed_in_once = asked[command.command_id] == 1
            if handed_in_once and self._contents.life(command.command_id):
                self.found.append(f"{command.command_id} is decided and still in hand")
