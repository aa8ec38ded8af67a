"""The two ends of the factory by hand: warehouse and delivery station (PROTOCOL A.3, C.17)."""

from typing import Any, ClassVar

from omf.commands.command_types.modules import MANUAL_CHECKS, STEP_EXPIRY_S
from omf.commands.defaults import only
from omf.commands.encoding import without_none
from omf.commands.facts.factory import DELIVERY
from omf.commands.forms import Colour, Form, JsonList, Serial, WorkpieceId, field
from omf.commands.module_orders import BracketIds, module_order
from omf.commands.schemas import Drafting, Kind, PlannedStep
from omf.state.modules import WAREHOUSE


class _AtStation(Form):
    serial: Serial | None = field("field.serial_number", None)


class StorageDrop(_AtStation):
    """The warehouse gives its oldest piece of a colour onto the vehicle."""

    colour: Colour = field("field.colour")


class Piece(_AtStation):
    """One known piece."""

    colour: Colour = field("field.colour")
    workpiece_id: WorkpieceId = field("field.workpiece_id")


class DeliveryDrop(Piece):
    """The piece that was handed in; its id is the one read from the tag."""

    command: ClassVar[str] = "DROP"
    """What the interlocks ask about."""


class DeliveryPick(Piece):
    """The delivery station takes a piece from the vehicle and writes its tag."""

    history: JsonList = field(
        "field.history",
        (),
        hint="hint.json_list",
    )


def _single(
    draft: Drafting, serial: str | None, command: str, metadata: dict[str, Any]
) -> tuple[PlannedStep, ...]:
    bracket = BracketIds(draft.new_id(), 1)
    return (module_order(draft, str(serial), command, metadata, bracket),)


def storage_drop(form: StorageDrop, draft: Drafting) -> tuple[PlannedStep, ...]:
    """DROP at the HBW: the piece's id comes back as the action's result."""
    return _single(draft, form.serial, "DROP", {"type": form.colour})


def storage_pick(form: Piece, draft: Drafting) -> tuple[PlannedStep, ...]:
    """PICK at the HBW: stored in the first free bay."""
    metadata = without_none(type=form.colour, workpieceId=form.workpiece_id)
    return _single(draft, form.serial, "PICK", metadata)


def delivery_drop(form: DeliveryDrop, draft: Drafting) -> tuple[PlannedStep, ...]:
    """DROP at the DPS: the input piece goes onto the vehicle."""
    return _single(draft, form.serial, "DROP", {"workpiece": _workpiece(form, ())})


def delivery_pick(form: DeliveryPick, draft: Drafting) -> tuple[PlannedStep, ...]:
    """PICK at the DPS: the piece is delivered, its history written to the tag."""
    return _single(draft, form.serial, "PICK", {"workpiece": _workpiece(form, form.history)})


def _workpiece(form: Piece, history: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {
        "workpieceId": form.workpiece_id,
        "type": form.colour,
        "history": list(history),
        "state": "PROCESSED",
    }


def _kind(name: str, interlocks: tuple[str, ...], **parts: Any) -> Kind:
    return Kind(
        name=name,
        interlocks=(*interlocks[:1], *MANUAL_CHECKS, "module-sound", *interlocks[1:]),
        risk="guarded",
        role="supervisor",
        expiry_s=STEP_EXPIRY_S,
        once=True,
        moves=True,
        source="A.3, C.17",
        **parts,
    )


KINDS = (
    _kind(
        "storage-drop",
        ("warehouse", "store-has"),
        parameters=StorageDrop,
        build=storage_drop,
        resolve=only(WAREHOUSE),
    ),
    _kind(
        "storage-pick",
        ("warehouse", "store-room"),
        parameters=Piece,
        build=storage_pick,
        resolve=only(WAREHOUSE),
    ),
    _kind(
        "delivery-drop",
        ("delivery", "input-there"),
        parameters=DeliveryDrop,
        build=delivery_drop,
        resolve=only(DELIVERY),
    ),
    _kind(
        "delivery-pick",
        ("delivery",),
        parameters=DeliveryPick,
        build=delivery_pick,
        resolve=only(DELIVERY),
    ),
)
