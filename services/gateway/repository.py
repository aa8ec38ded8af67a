"""What became of each publish, written so that a crash at any point leaves the truth behind."""

from importlib.resources import files

from omf.commands import KINDS
from services.common.process.clock import CLOCK_SLACK_S
from services.common.store.bus import Bus
from services.common.store.consumer import StreamEntry
from services.common.store.keys import Outgoing, Reason, Receipt, ReceiptStage
from services.common.store.store_clock import StoreClock

GROUP = "gateway"
"""Consumer group of the outbox."""
REMEMBER_S = 7 * 24 * 3600
"""As long as an entry could still lie in the outbox."""

_ATTEMPT = files(__package__).joinpath("attempt.lua").read_text("utf-8")
_SETTLE = files(__package__).joinpath("settle.lua").read_text("utf-8")


class ReceiptRepository:
    """The receipts of one environment; this process is their only writer.

    Called in the event loop of the gateway by PublishService; calls about one entry come one after
    the other, those of different entries side by side. Each call is one script, so a crash leaves
    all of it or nothing; what was attempted and not settled is found as `attempted` by the next
    process. Raises StoreError if the store cannot be reached; asking again is harmless.
    """

    def __init__(self, bus: Bus, clock: StoreClock) -> None:
        self._bus = bus
        self._clock = clock

    def left_s(self, outgoing: Outgoing) -> float:
        """Seconds until the entry expires by the store's clock; negative when it has.

        One that would live longer than its kind may was written before that clock was set back:
        nobody can tell how old it is.
        """
        left_s = outgoing.expires_at - self._clock.now()
        return left_s if left_s <= _life_s(outgoing) else -1.0

    async def attempt(self, outgoing: Outgoing) -> str:
        """`go` or `again`: publish now. Else `expired`, or the stage an earlier attempt reached."""
        receipt = self._receipt(outgoing, ReceiptStage.ATTEMPTED, None)
        keys = [self._sent(outgoing), self._bus.key("receipts")]
        keys.append(self._bus.key(f"unsent:{outgoing.outbox_id}"))
        args = [str(outgoing.expires_at), str(int(outgoing.once)), receipt.model_dump_json()]
        args += [str(REMEMBER_S), str(_life_s(outgoing))]
        answer = await self._bus.script(_ATTEMPT, keys, args)
        return str(answer.decode())

    async def settle(
        self, entry: StreamEntry, outgoing: Outgoing, stage: ReceiptStage, reason: Reason | None
    ) -> None:
        """The outcome is final: tell it and take the entry off the outbox, in one step."""
        receipt = self._receipt(outgoing, stage, reason)
        keys = [self._sent(outgoing), self._bus.key("receipts"), self._bus.key("outbox")]
        written = receipt.model_dump_json()
        args = [stage.value, written, GROUP, entry.id, str(REMEMBER_S)]
        await self._bus.script(_SETTLE, keys, args)

    async def attempted(self, outgoing: Outgoing) -> bool:
        """True if a publish was attempted and nobody knows how it ended."""
        found = await self._bus.call(self._bus.client.get(self._sent(outgoing)))
        return bool(found == b"attempted")

    def _sent(self, outgoing: Outgoing) -> str:
        return self._bus.key(f"sent:{outgoing.outbox_id}")

    def _receipt(self, outgoing: Outgoing, stage: ReceiptStage, reason: Reason | None) -> Receipt:
        return Receipt(
            outbox_id=outgoing.outbox_id,
            command_id=outgoing.command_id,
            step=outgoing.step,
            stage=stage,
            at=self._clock.now(),
            reason=reason,
        )


def _life_s(outgoing: Outgoing) -> float:
    return KINDS[outgoing.kind].expiry_s + CLOCK_SLACK_S
