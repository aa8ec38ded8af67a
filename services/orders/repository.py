"""Everything orders writes about commands; each call is one atomic step in the store."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any, NamedTuple

from services.common.store.audit import CHAIN_BEGINNING, seal
from services.common.store.bus import Bus
from services.common.store.consumer import StreamEntry
from services.common.store.entries import all_readable
from services.common.store.keys import AuditRecord, Command, CommandEvent
from services.common.store.lease import LEASE_KEY, Lease
from services.common.store.sequence_runs import KEPT_ENDED
from services.orders import records
from services.orders.execution import CommandExecution, Transition
from services.orders.locks import OTHERS_WAIT_S, DeviceLock, lock_key, lock_names

GROUP = "orders"
"""Consumer group of the commands and the receipts."""
KEEP_S = 30 * 24 * 3600
"""A command asked again within this time is the same command."""

_DECIDE, _ADVANCE, _STEER, _LEASE = (
    files(__package__).joinpath(f"{name}.lua").read_text("utf-8")
    for name in ("decide", "advance", "steer", "lease")
)
_BOTH = f"""
local function decide(KEYS, ARGV)
{_DECIDE}
end
local function advance(KEYS, ARGV)
{_ADVANCE}
end
{_STEER}"""
_SEQUENCE = f"""
local function decide(KEYS, ARGV)
{_DECIDE}
end
{files(__package__).joinpath("sequence.lua").read_text("utf-8")}"""


class LeaseChangedError(Exception):
    """Nothing was written: the lease is another than was decided on; decide anew."""


class LockConflict(NamedTuple):
    """What another command holds."""

    what: str
    lock: DeviceLock


class Kept(NamedTuple):
    """A run, a plan or a document as it stands from now on."""

    where: tuple[str, str]
    """Hash of those that are open, and list of those that ended."""
    name: str
    """Field of the hash."""
    revision: int
    """One above that which was decided on."""
    body: str
    ended: bool
    given: Command | None = None
    """A command it hands over in the same step."""
    versioned: bool = False
    """Every revision is kept in the list as well."""


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


class CommandRepository:
    """Records, events, audit, outbox, device locks and the lease of one environment.

    Called in the event loop of orders, by CommandService and WorkflowOrderManager alike. Calls are
    written in the order they are made; each is one script, so a crash leaves all of it or nothing.
    Raises StoreError if the store cannot be reached, then nobody knows whether it was written and
    asking again is harmless; LeaseChangedError if nothing was written because the lease changed.
    The chain of the audit goes on where the store has it, whoever wrote there before.
    """

    def __init__(self, bus: Bus, *, leased: bool = False, four_eyes: bool = False) -> None:
        """`leased`: the control lease counts. `four_eyes`: dangerous kinds need a second person."""
        self._bus = bus
        self._head = CHAIN_BEGINNING
        self._turn = 0
        self._counts = {"required": leased, "four_eyes": four_eyes}
        self._lease = ""
        self.lease = Lease(**self._counts)

    async def open_lease(self) -> None:
        """Take up the lease as it was left, and tell everybody whether it counts."""
        answer: Any = [b"lease", self._lease.encode()]
        while answer[0] == b"lease":
            self._adopt(answer[1])
            known, self._lease = self._lease, self.lease.model_dump_json()
            answer = await self._bus.script(_LEASE, self._keys(LEASE_KEY), [known, self._lease])

    async def decided(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        events: tuple[CommandEvent, ...],
        transition: Transition | None = None,
        lease: Lease | None = None,
    ) -> LockConflict | bool:
        """Write a decision: True; False if the command was known; or who was faster.

        With a `lease` that is the one from now on. LeaseChangedError: decide anew.
        """
        call = self._decision(entry, audit, events, transition, lease)
        answer = await self.chained(_DECIDE, call.keys, call.args, call.seal)
        if answer[0] == b"occupied":
            execution = transition.execution if transition else None
            names = lock_names(execution.plan) if execution else ()
            return LockConflict(names[answer[1]], DeviceLock.model_validate_json(answer[2]))
        if answer[0] == b"written" and lease:
            self._adopt(_json(lease).encode())
        return bool(answer[0] == b"written")

    async def advanced(
        self,
        execution: CommandExecution,
        transition: Transition,
        *,
        receipt_id: str = "",
        unsent: bool = False,
    ) -> str:
        """Write what follows: `written`, or why not: `stale`, or `sent` after all."""
        call = self._advance(execution, transition, receipt_id=receipt_id, unsent=unsent)
        answer = await self.chained(_ADVANCE, call.keys, call.args, call.seal)
        return str(answer[0].decode())

    async def steered(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        events: tuple[CommandEvent, ...],
        moved: tuple[CommandExecution, Transition],
    ) -> str:
        """Write a command together with what it does to another: `written`, `known`, `stale`."""
        deciding = self._decision(entry, audit, events, None, None)
        advancing = self._advance(*moved, receipt_id="", unsent=False)

        def args(before: str) -> list[str]:
            asked = deciding.args(advancing.seal(before))
            return [str(len(deciding.keys)), str(len(asked)), *asked, *advancing.args(before)]

        def sealed(before: str) -> str:
            return deciding.seal(advancing.seal(before))

        answer = await self.chained(_BOTH, [*deciding.keys, *advancing.keys], args, sealed)
        return str(answer[0].decode())

    async def kept_decided(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        events: tuple[CommandEvent, ...],
        kept: Kept,
    ) -> str:
        """Write a command with the run or plan it is about: `written`, `known`, `stale`."""
        call = self._decision(entry, audit, events, None, None)
        keys, args = self._kept_call(kept, kept.given)
        answer = await self.chained(
            _SEQUENCE,
            [*keys, *call.keys],
            lambda before: [*args, *call.args(before)],
            call.seal,
        )
        return str(answer[0].decode())

    async def kept_advanced(self, kept: Kept, given: Command | None) -> str:
        """Write what became of it, and hand over the command it gives: `written` or `stale`."""
        answer = await self._bus.script(_SEQUENCE, *self._kept_call(kept, given))
        return str(answer[0].decode())

    def _kept_call(self, kept: Kept, given: Command | None) -> tuple[list[str], list[str]]:
        end = "versioned" if kept.versioned else "ended" if kept.ended else ""
        told = [kept.name, str(kept.revision - 1), kept.body, end]
        keys = self._keys(*kept.where, "commands")
        return keys, [*told, str(KEPT_ENDED), _json(given)]

    def _decision(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        events: tuple[CommandEvent, ...],
        transition: Transition | None,
        lease: Lease | None,
    ) -> _Call:
        command, body = audit.command, audit.model_dump_json()
        execution = transition.execution if transition else None
        names: tuple[str, ...] = ()
        lock, lasts_s = None, 0.0
        if execution:
            names, lasts_s = lock_names(execution.plan), records.lock_lifetime_s(execution)
            lock = DeviceLock(command_id=command.command_id, operator=command.operator, at=audit.at)
        args = [GROUP, entry.id, command.command_id, str(KEEP_S), command.model_dump_json(), body]
        args += [_json(execution), _json(transition.outgoing if transition else None)]
        args += [_json(lock), str(int(lasts_s * 1000))]
        args += [_json(records.open_bracket(execution)), self._lease, _json(lease) or self._lease]
        record = f"command:{command.command_id}"
        streams = ("commands", record, "events", "outbox", "audit", "open", "audit:head")
        keys = self._keys(*streams, "brackets", LEASE_KEY, *map(lock_key, names))
        return _Call(keys, args, body, [event.model_dump_json() for event in events])

    def _advance(
        self, execution: CommandExecution, transition: Transition, *, receipt_id: str, unsent: bool
    ) -> _Call:
        names = lock_names(execution.plan) if transition.release else ()
        command_id = execution.command.command_id
        body = _json(records.outcome_record(execution, transition))
        args = [command_id, str(execution.told + 1), str(KEEP_S)]
        args += [_json(transition.execution), _json(transition.outgoing), GROUP, receipt_id]
        args += [str(int(unsent)), str(OTHERS_WAIT_S)]
        args += [_json(records.open_bracket(transition.execution))]
        record, sent = f"command:{command_id}", f"sent:{execution.outbox_id}"
        ended = f"unsent:{execution.outbox_id}"
        streams = (record, "events", "outbox", "open", "receipts", sent, "brackets", "audit")
        keys = self._keys(*streams, "audit:head", ended, *map(lock_key, names))
        told = [event.model_dump_json() for event in transition.events]
        return _Call(keys, [*args, body], body, told)

    async def chained(
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
            raise LeaseChangedError
        return answer

    def _adopt(self, written: bytes) -> None:
        """Whether the lease counts is ours to say, whatever a store may have lost."""
        self._lease = written.decode()
        found = Lease.model_validate_json(written) if written else Lease()
        self.lease = found.model_copy(update=self._counts)

    def _keys(self, *names: str) -> list[str]:
        return [self._bus.key(name) for name in names]

    async def open(self) -> list[CommandExecution]:
        """Every command whose outcome is still awaited."""
        found = await self._bus.call(self._bus.client.hvals(self._bus.key("open")))
        return all_readable(CommandExecution, found, "an awaited command")

    async def reload(self, command_id: str) -> CommandExecution | None:
        """The command as the store has it; None once nothing is awaited."""
        found = await self._bus.call(self._bus.client.hget(self._bus.key("open"), command_id))
        return CommandExecution.model_validate_json(found) if found else None


def _json(model: object | None) -> str:
    dump = getattr(model, "model_dump_json", None)
    return str(dump()) if dump else ""
