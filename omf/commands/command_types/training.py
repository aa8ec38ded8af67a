"""Faults, pieces and a filled warehouse for the mock factory, to try and to train with.

The factory knows none of this: the topics are the mock's own, and no other factory gets them.
"""

from typing import Any, Literal

from omf.commands.effects import fault_begun
from omf.commands.encoding import dump, timestamp
from omf.commands.forms import Colour, Form, field
from omf.commands.schemas import Drafting, Kind, PlannedStep
from omf.texts import text
from omf.topics.catalogue import address

TRAINING_EXPIRY_S = 10.0
MOCK_PREFIX = "mock-"
"""What the names of these kinds begin with."""

ModuleFaultName = Literal["fatal", "warning", "silent", "unreachable", "deaf", "stuck", "speaks"]
VehicleFaultName = Literal["collision", "lost", "found", "deaf", "stuck", "speaks"]
FactoryFaultName = Literal["nok", "bridge-dead", "bridge-back", "ccu-restart", "race"]
ModuleName = Literal["HBW", "DRILL", "MILL", "DPS", "AIQS"]


class MockPiece(Form):
    """A piece laid into the delivery station."""

    colour: Colour = field("field.colour")


class MockRefill(Form):
    """Nothing to choose: three of each colour."""


class MockModuleFault(Form):
    """What a module shall do wrong, or do right again."""

    fault: ModuleFaultName = field("field.fault")
    module: ModuleName = field("field.module")


class MockVehicleFault(Form):
    """What shall happen to a vehicle."""

    fault: VehicleFaultName = field("field.fault")
    serial: str = field("field.vehicle", "", hint="hint.empty_all")


class MockFactoryFault(Form):
    """What shall happen to the factory as a whole."""

    fault: FactoryFaultName = field("field.fault")


def piece(form: MockPiece, draft: Drafting) -> tuple[PlannedStep, ...]:
    """The station reads colour and tag and asks for its storage by itself."""
    return _fault("input", form.colour, draft)


def refill(_: MockRefill, draft: Drafting) -> tuple[PlannedStep, ...]:
    """Free bays get pieces until there are three of each colour."""
    return _fault("refill", "", draft)


def module_fault(form: MockModuleFault, draft: Drafting) -> tuple[PlannedStep, ...]:
    """The next action of the module goes wrong, or it falls silent."""
    return _fault(form.fault, form.module, draft)


def vehicle_fault(form: MockVehicleFault, draft: Drafting) -> tuple[PlannedStep, ...]:
    """The vehicle is stopped, lost or found."""
    return _fault(form.fault, form.serial, draft)


def factory_fault(form: MockFactoryFault, draft: Drafting) -> tuple[PlannedStep, ...]:
    """A program of the factory ends, starts anew or stumbles."""
    return _fault(form.fault, "", draft)


def _fault(name: str, target: str, draft: Drafting) -> tuple[PlannedStep, ...]:
    request_id = draft.new_id()
    body = {
        "timestamp": timestamp(draft.now),
        "requestId": request_id,
        "fault": name,
        "target": target,
    }
    about = f"{name} {target}".strip()
    step = PlannedStep(
        topic=address("mock_fault"),
        payload=dump(body),
        title=text("step.mock", about=about),
        effect=fault_begun(request_id),
    )
    return (step,)


def _kind(name: str, *interlocks: str, **parts: Any) -> Kind:
    return Kind(
        name=f"{MOCK_PREFIX}{name}",
        interlocks=interlocks,
        risk="normal",
        role="operator",
        expiry_s=TRAINING_EXPIRY_S,
        once=True,
        moves=False,
        only_mock=True,
        source="",
        **parts,
    )


KINDS = (
    _kind(
        "piece",
        parameters=MockPiece,
        build=piece,
    ),
    _kind(
        "refill",
        "refill-room",
        parameters=MockRefill,
        build=refill,
    ),
    _kind(
        "module-fault",
        parameters=MockModuleFault,
        build=module_fault,
    ),
    _kind(
        "vehicle-fault",
        parameters=MockVehicleFault,
        build=vehicle_fault,
    ),
    _kind(
        "factory-fault",
        parameters=MockFactoryFault,
        build=factory_fault,
    ),
)
