"""Orders and their steps as the CCU keeps and publishes them (PROTOCOL B.8, C.28, D.3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["ENQUEUED", "IN_PROGRESS", "FINISHED", "CANCELLED", "ERROR"]
WORK_COMMANDS = {"AIQS": "CHECK_QUALITY", "OVEN": "FIRE"}
"""The command with which a module works on a piece; elsewhere it is the module's own name."""


@dataclass(slots=True)
class CcuStep:
    """One step: a drive of the vehicle, or a command to a module."""

    id: str
    module_type: str
    """Where it happens: the target of a drive."""
    command: str = ""
    """Empty for a drive."""
    source: str = ""
    """Module type a drive starts from, START for the first."""
    depends_on: str | None = None
    state: State = "ENQUEUED"
    started_at: str | None = None
    stopped_at: str | None = None
    serial: str | None = None

    @property
    def drive(self) -> bool:
        """The vehicle drives; else a module works."""
        return not self.command

    def begin(self, at: str) -> None:
        """It was sent; `at` as the CCU writes times."""
        self.state, self.started_at = "IN_PROGRESS", at

    def to_dict(self) -> dict[str, Any]:
        """The step in an order object."""
        body: dict[str, Any] = {
            "id": self.id,
            "type": "NAVIGATION" if self.drive else "MANUFACTURE",
            "state": self.state,
        }
        if self.drive:
            body |= {"source": self.source, "target": self.module_type}
        else:
            body |= {"command": self.command, "moduleType": self.module_type}
        later = {
            "dependentActionId": self.depends_on,
            "startedAt": self.started_at,
            "serialNumber": None if self.drive else self.serial,
            "stoppedAt": self.stopped_at,
        }
        return body | {key: value for key, value in later.items() if value is not None}


@dataclass(slots=True)
class CcuOrder:
    """One order from request to end."""

    id: str
    type: Literal["PRODUCTION", "STORAGE"]
    colour: str
    timestamp: str
    received_at: str
    steps: list[CcuStep]
    request_id: str | None = None
    workpiece_id: str | None = None
    state: State = "ENQUEUED"
    started_at: str | None = None
    stopped_at: str | None = None
    # Not published:
    reserved: str | None = None
    """Tag of the piece (PRODUCTION) this order has in the warehouse."""
    vehicle: str | None = None
    bay: str | None = None
    history: list[dict[str, int]] = field(default_factory=list)
    """What was done to the piece, as it is written to its tag."""
    _done: int = 0
    """So many steps are finished; a finished one stays so."""

    def current(self) -> tuple[int, CcuStep] | None:
        """The first step that is not finished, with its index; None when all are."""
        for index in range(self._done, len(self.steps)):
            step = self.steps[index]
            if step.state != "FINISHED":
                self._done = index
                return index, step
        return None

    def insert_drive(self, index: int, step_id: str) -> None:
        """The vehicle went away meanwhile: bring it back before step `index` (PROTOCOL C.28)."""
        after = self.steps[index]
        kind = after.module_type
        drive = CcuStep(step_id, kind, source=kind, depends_on=after.depends_on)
        after.depends_on = step_id
        self.steps.insert(index, drive)

    def to_dict(self) -> dict[str, Any]:
        """The order object of response, active and completed."""
        body: dict[str, Any] = {
            "orderType": self.type,
            "type": self.colour,
            "timestamp": self.timestamp,
            "orderId": self.id,
            "productionSteps": [step.to_dict() for step in self.steps],
            "receivedAt": self.received_at,
            "state": self.state,
        }
        later = {
            "workpieceId": self.workpiece_id,
            "requestId": self.request_id,
            "startedAt": self.started_at,
            "stoppedAt": self.stopped_at,
        }
        return body | {key: value for key, value in later.items() if value is not None}


def production(flow: Iterable[str], new_id: Callable[[], str]) -> list[CcuStep]:
    """Steps of a production: warehouse, each module of the flow, delivery."""
    plan: list[tuple[str, str]] = [("HBW", ""), ("HBW", "DROP")]
    for module in flow:
        commands = ("", "PICK", WORK_COMMANDS.get(module, module), "DROP")
        plan += [(module, command) for command in commands]
    return _chain([*plan, ("DPS", ""), ("DPS", "PICK")], new_id)


def storage(new_id: Callable[[], str]) -> list[CcuStep]:
    """Steps of a storage: input, warehouse."""
    return _chain([("DPS", ""), ("DPS", "DROP"), ("HBW", ""), ("HBW", "PICK")], new_id)


def _chain(plan: Iterable[tuple[str, str]], new_id: Callable[[], str]) -> list[CcuStep]:
    steps: list[CcuStep] = []
    for module, command in plan:
        before = steps[-1] if steps else None
        source = "" if command else (before.module_type if before else "START")
        depends_on = before.id if before else None
        steps.append(CcuStep(new_id(), module, command, source, depends_on))
    return steps
