"""Pieces that several payloads contain: actions, loads, errors, workpieces, references."""

from omf.messages.base import Int, Json, Many, Number, Record, Scalar, text_or_none

NO_ORDER = ("", "0", 0, None)
"""How the factory spells that there is no order (PROTOCOL B.3)."""
UNREAD = "UNKNOWN"
"""Colour of a piece the DPS has felt but not looked at."""
_MISSPELT = {"WAITIING": "WAITING"}
"""The DPS controller's own spelling (PROTOCOL D.4)."""
_BUSY = frozenset({"WAITING", "INITIALIZING", "RUNNING", "PAUSED", "PENDING"})


def real_order(order_id: object) -> str | None:
    """Return the orderId, or None for each of the spellings of no order."""
    return None if order_id in NO_ORDER else str(order_id)


class HistoryEntry(Record):
    """One step on the NFC tag; `ts` in Unix milliseconds, `code` per PROTOCOL A.3."""

    ts: Int | None = None
    code: Int | None = None


class TagWorkpiece(Record):
    """A workpiece as it stands on the NFC tag; its history is not sorted by time (A.3)."""

    workpiece_id: str | None = None
    type: str | None = None
    state: str | None = None
    history: Many[HistoryEntry] | None = None


class ActionMetadata(Record):
    """What a module action is about; which fields are there depends on the command (A.3)."""

    type: str | None = None
    workpiece_id: str | None = None
    duration: Number | None = None
    workpiece: TagWorkpiece | None = None
    priority: str | None = None
    timeout: Number | None = None


class ActionState(Record):
    """Progress of one action. FINISHED says it ended, `result` whether it was good (F.19)."""

    id: str | None
    state: str | None
    command: str | None = None
    metadata: ActionMetadata | None = None
    duration: Number | None = None
    result: str | None = None
    timestamp: str | None = None
    warning: bool | None = None

    @property
    def phase(self) -> str | None:
        """The state in the standard's spelling; None when it was not told."""
        return _MISSPELT.get(self.state or "", self.state)

    @property
    def running(self) -> bool:
        """True from acceptance until FINISHED or FAILED."""
        return self.phase in _BUSY


class Load(Record):
    """A place for a workpiece, on a module or a vehicle, whichever way the sender names it."""

    load_type: str | None = None
    load_id: str | None = None
    load_position: str | None = None
    load_timestamp: Int | None = None
    """Unix milliseconds; 0 in an empty bay."""
    type: str | None = None
    """The DPS's name for `load_type` once the colour is read (F.29)."""
    duration: Number | None = None

    @property
    def colour(self) -> str | None:
        """The workpiece's colour; None when there is none or it was not read yet."""
        colour = text_or_none(self.load_type) or text_or_none(self.type)
        return None if colour == UNREAD else colour

    @property
    def workpiece_id(self) -> str | None:
        """The NFC tag; None when there is none or it was not told yet."""
        return text_or_none(self.load_id)

    @property
    def empty(self) -> bool:
        """True for a bay with nothing in it: empty strings or nulls (F.26, B.7)."""
        return not (self.load_type or self.type or self.load_id)

    @property
    def known(self) -> bool:
        """False when what would tell whether something is there could not be read."""
        return not self.empty or self.unread.isdisjoint({"loadType", "type", "loadId"})


class DeviceError(Record):
    """One entry of `errors`; an empty one is no error (B.3)."""

    error_type: str | None = None
    error_level: str | None = None
    """WARNING or FATAL; only FATAL blocks (F.25). May be missing."""
    error_message: str | None = None
    timestamp: str | None = None
    error_references: Many[dict[str, Json]] = ()

    @property
    def fatal(self) -> bool:
        """True when the device is blocked by it."""
        return self.error_level == "FATAL"

    @property
    def references(self) -> dict[str, Scalar]:
        """What the error is about, from both ways of writing references (B.3)."""
        found: dict[str, Scalar] = {}
        for reference in self.error_references:
            if "referenceKey" in reference:
                found[str(reference["referenceKey"])] = reference.get("referenceValue")
            else:
                found.update(reference)
        return found


def real_errors(errors: tuple[DeviceError, ...]) -> tuple[DeviceError, ...]:
    """Return the errors without the empty objects the DPS fills in (F.25)."""
    return tuple([error for error in errors if error.model_fields_set])


class Reference(Record):
    """One calibration value."""

    reference_key: str | None
    reference_value: Scalar = None
