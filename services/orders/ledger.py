"""Everything orders writes about commands; each call is one atomic step in the store."""

import logging
from collections.abc import Callable
from importlib.resources import files
from typing import Any, NamedTuple

from pydantic import ValidationError

from omf.commands import Effect
from services.common.store.audit import BEGINNING, seal
from services.common.store.brackets import OpenBracket
from services.common.store.bus import Bus
from services.common.store.consumer import StreamEntry
from services.common.store.keys import FINAL_STAGES, AuditRecord, CommandEvent
from services.common.store.lease import KEY as LEASE
from services.common.store.lease import Lease
from services.orders.claims import OTHERS_WAIT_S, Claim, claim_name, occupied
from services.orders.pursuit import RELEASE_S, Change, Pursuit

KEEP_S = 30 * 24 * 3600
"""A command asked again within this time is the same command."""
HOLD_S = 60.0
"""How much longer than its steps may take a claim outlives a command whose end was never seen."""

_log = logging.getLogger(__name__)
_DECIDE, _ADVANCE, _STEER = (
    files(__package__).joinpath(f"{name}.lua").read_text("utf-8")
    for name in ("decide", "advance", "steer")
)
_BOTH = f"""
local function decide(KEYS, ARGV)
{_DECIDE}
end
local function advance(KEYS, ARGV)
{_ADVANCE}
end
{_STEER}"""


class LeaseMovedError(Exception):
    """Nothing was written: the lease is another than was decided on; decide anew."""


class Occupied(NamedTuple):
    """What another command holds."""

    what: str
    claim: Claim


class _Call(NamedTuple):
    """Keys of a script, and its arguments around the seal of an audit body; "" seals nothing."""

    keys: list[str]
    head: list[str]
    body: str
    tail: list[str]

    def args(self, before: str) -> list[str]:
        """All arguments, behind an audit entry with the seal `before`."""
        return [*self.head, before, self.seal(before), *self.tail]

    def seal(self, before: str) -> str:
        """The chain's head once this is written."""
        return seal(before, self.body.encode()) if self.body else before


class Ledger:
    """Records, events, audit, outbox, claims and the lease of one environment."""

    def __init__(self, bus: Bus, group: str, *, leased: bool = False) -> None:
        """`group` is the consumer group of commands and receipts; `leased`: the lease counts."""
        self._bus = bus
        self._group = group
        self._head = BEGINNING
        self._turn = 0
        self._leased = leased
        self._lease = ""
        self.lease = Lease(required=leased)

    async def open_lease(self) -> None:
        """Take up the lease as it was left, and tell everybody whether it counts."""
        name = self._bus.key(LEASE)
        self._adopt(await self._bus.call(self._bus.client.get(name)) or b"")
        self._lease = self.lease.model_dump_json()
        await self._bus.call(self._bus.client.set(name, self._lease))

    async def decided(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        events: tuple[CommandEvent, ...],
        change: Change | None = None,
        lease: Lease | None = None,
    ) -> Occupied | bool:
        """Write a decision: True; False if the command was known; or who was faster.

        With a `lease` that is the one from now on. LeaseMovedError: decide anew.
        """
        call = self._decision(entry, audit, events, change, lease)
        answer = await self._chained(_DECIDE, call.keys, call.args, call.seal)
        if answer[0] == b"occupied":
            names = occupied(change.pursuit.plan) if change and change.pursuit else ()
            return Occupied(names[answer[1]], Claim.model_validate_json(answer[2]))
        if answer[0] == b"written" and lease:
            self._adopt(_json(lease).encode())
        return bool(answer[0] == b"written")

    async def advanced(
        self, pursuit: Pursuit, change: Change, *, receipt_id: str = "", unsent: bool = False
    ) -> str:
        """Write a change of `pursuit`: `written`, or why not: `stale`, or `sent` after all."""
        call = self._advance(pursuit, change, receipt_id=receipt_id, unsent=unsent)
        answer = await self._chained(_ADVANCE, call.keys, call.args, call.seal)
        return str(answer[0].decode())

    async def steered(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        events: tuple[CommandEvent, ...],
        moved: tuple[Pursuit, Change],
    ) -> str:
        """Write a command together with what it does to another: `written`, `known`, `stale`."""
        deciding = self._decision(entry, audit, events, None, None)
        advancing = self._advance(*moved, receipt_id="", unsent=False)

        def args(before: str) -> list[str]:
            asked = deciding.args(advancing.seal(before))
            return [str(len(deciding.keys)), str(len(asked)), *asked, *advancing.args(before)]

        def sealed(before: str) -> str:
            return deciding.seal(advancing.seal(before))

        answer = await self._chained(_BOTH, [*deciding.keys, *advancing.keys], args, sealed)
        return str(answer[0].decode())

    def _decision(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        events: tuple[CommandEvent, ...],
        change: Change | None,
        lease: Lease | None,
    ) -> _Call:
        command, body = audit.command, audit.model_dump_json()
        pursuit = change.pursuit if change else None
        names = occupied(pursuit.plan) if pursuit else ()
        args = [self._group, entry.id, command.command_id, str(KEEP_S)]
        args += [command.model_dump_json(), body]
        args += [_json(pursuit), _json(change.outgoing if change else None)]
        args += [_json(_claim(pursuit, audit.at)), str(int(_lasts_s(pursuit) * 1000))]
        args += [_json(_listed(pursuit)), self._lease, _json(lease) or self._lease]
        record = f"command:{command.command_id}"
        streams = ("commands", record, "events", "outbox", "audit", "open", "audit:head")
        keys = self._keys(*streams, "brackets", LEASE, *map(claim_name, names))
        return _Call(keys, args, body, [event.model_dump_json() for event in events])

    def _advance(self, pursuit: Pursuit, change: Change, *, receipt_id: str, unsent: bool) -> _Call:
        names = occupied(pursuit.plan) if change.release else ()
        command_id, body = pursuit.command.command_id, _json(_closing(pursuit, change))
        args = [command_id, str(pursuit.told + 1), str(KEEP_S)]
        args += [_json(change.pursuit), _json(change.outgoing), self._group, receipt_id]
        args += ["1" if unsent else "0", str(OTHERS_WAIT_S), _json(_listed(change.pursuit))]
        record, sent = f"command:{command_id}", f"sent:{pursuit.outbox_id}"
        streams = (record, "events", "outbox", "open", "receipts", sent, "brackets", "audit")
        keys = self._keys(*streams, "audit:head", *map(claim_name, names))
        told = [event.model_dump_json() for event in change.events]
        return _Call(keys, [*args, body], body, told)

    async def _chained(
        self,
        script: str,
        keys: list[str],
        args: Callable[[str], list[str]],
        sealed: Callable[[str], str],
    ) -> Any:
        """Run a script that goes on the audit's chain; again while another entry was faster.

        Scripts run in the order they are asked for, so the next one goes on this one's seal before
        this one is answered; where it was not written, those behind it answer `behind`.
        """
        answer: Any = [b"behind"]
        while answer[0] == b"behind":
            before, turn = self._head, self._turn
            self._head = sealed(before)
            answer = await self._bus.script(script, keys, args(before))
            if answer[0] != b"written" and turn == self._turn:
                self._turn += 1
                self._head = answer[1].decode() if answer[0] == b"behind" else before
        if answer[0] == b"lease":
            self._adopt(answer[1])
            raise LeaseMovedError
        return answer

    def _adopt(self, written: bytes) -> None:
        """Whether the lease counts is ours to say, whatever a store may have lost."""
        self._lease = written.decode()
        found = Lease.model_validate_json(written) if written else Lease()
        self.lease = found.model_copy(update={"required": self._leased})

    def _keys(self, *names: str) -> list[str]:
        return [self._bus.key(name) for name in names]

    async def open(self) -> list[Pursuit]:
        """Every command whose outcome is still awaited."""
        found = await self._bus.call(self._bus.client.hvals(self._bus.key("open")))
        return [pursuit for item in found if (pursuit := _readable(item))]

    async def reload(self, command_id: str) -> Pursuit | None:
        """The command as the store has it; None once nothing is awaited."""
        found = await self._bus.call(self._bus.client.hget(self._bus.key("open"), command_id))
        return Pursuit.model_validate_json(found) if found else None


def _readable(item: bytes) -> Pursuit | None:
    try:
        return Pursuit.model_validate_json(item)
    except ValidationError as error:
        _log.error("an awaited command of another version is left aside: %s", error)
        return None


def _closing(pursuit: Pursuit, change: Change) -> AuditRecord | None:
    """The audit's last word on a command whose outcome stands from now on."""
    if not change.release:
        return None
    last = next(event for event in change.events if event.stage in FINAL_STAGES)
    return AuditRecord(
        command=pursuit.command,
        part="outcome",
        decision=last.stage,
        at=last.at,
        reasons=last.reasons,
        evidence=last.evidence,
    )


def _listed(pursuit: Pursuit | None) -> OpenBracket | None:
    """A bracket as everybody may see it."""
    if pursuit is None or not pursuit.bracket:
        return None
    step = pursuit.planned
    return OpenBracket(
        command_id=pursuit.command.command_id,
        kind=pursuit.command.kind,
        operator=pursuit.command.operator,
        order_id=step.order_id,
        device=step.device,
        steps=len(pursuit.plan.steps),
        step=pursuit.step,
        de=step.title.de,
        en=step.title.en,
        since=pursuit.step_since,
        waiting=pursuit.waiting,
        cancelled_by=pursuit.cancelled_by,
        plan=pursuit.plan,
    )


def _json(model: object | None) -> str:
    dump = getattr(model, "model_dump_json", None)
    return str(dump()) if dump else ""


def _claim(pursuit: Pursuit | None, at: float) -> Claim | None:
    if pursuit is None:
        return None
    command = pursuit.command
    return Claim(command_id=command.command_id, operator=command.operator, at=at)


def _lasts_s(pursuit: Pursuit | None) -> float:
    """How long a claim lasts if its command's end is never seen."""
    if pursuit is None:
        return 0.0
    steps = pursuit.plan.steps
    # An automatic one may come to wait as well.
    waits_s = RELEASE_S * (len(steps) - 1)
    return HOLD_S + waits_s + sum(pursuit.expiry_s + _takes_s(step.effect) for step in steps)


def _takes_s(effect: Effect | None) -> float:
    return effect.window_s + _takes_s(effect.follow_up) if effect else 0.0
