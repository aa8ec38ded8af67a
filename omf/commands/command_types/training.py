"""Faults, pieces and a filled warehouse for the mock factory, to try and to train with.

The factory knows none of this: the topics are the mock's own, and no other factory gets them.
"""

from typing import Any, Literal

from omf.commands.effects import fault_begun
from omf.commands.encoding import dump, timestamp
from omf.commands.forms import Colour, Form, Text, field
from omf.commands.schemas import Drafting, Kind, PlannedStep
from omf.topics.catalogue import address

TRAINING_EXPIRY_S = 10.0
MOCK_PREFIX = "mock-"
"""What the names of these kinds begin with."""

ModuleFaultName = Literal["fatal", "warning", "silent", "unreachable", "speaks"]
VehicleFaultName = Literal["collision", "lost", "found"]
FactoryFaultName = Literal["nok", "bridge-dead", "bridge-back", "ccu-restart", "race"]
ModuleName = Literal["HBW", "DRILL", "MILL", "DPS", "AIQS"]


class MockPiece(Form):
    """A piece laid into the delivery station."""

    colour: Colour = field("Farbe", "Colour")


class MockRefill(Form):
    """Nothing to choose: three of each colour."""


class MockModuleFault(Form):
    """What a module shall do wrong, or do right again."""

    fault: ModuleFaultName = field("Störung", "Fault")
    module: ModuleName = field("Modul", "Module")


class MockVehicleFault(Form):
    """What shall happen to a vehicle."""

    fault: VehicleFaultName = field("Störung", "Fault")
    serial: str = field("FTS", "Vehicle", "", hint=("leer: alle", "empty: all"))


class MockFactoryFault(Form):
    """What shall happen to the factory as a whole."""

    fault: FactoryFaultName = field("Störung", "Fault")


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
        title=Text(de=f"Mock: {about}", en=f"Mock: {about}"),
        effect=fault_begun(request_id),
    )
    return (step,)


def _kind(name: str, title: tuple[str, str], summary: tuple[str, str], **parts: Any) -> Kind:
    (de, en), (what_de, what_en) = title, summary
    return Kind(
        name=f"{MOCK_PREFIX}{name}",
        title=Text(de=de, en=en),
        summary=Text(de=what_de, en=what_en),
        interlocks=(),
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
        ("Werkstück einlegen", "Lay a piece in"),
        (
            "Legt ein Werkstück in die Warenstation der simulierten Fabrik; es wird eingelagert.",
            "Lays a piece into the delivery station of the mock factory; it is put into store.",
        ),
        parameters=MockPiece,
        build=piece,
    ),
    _kind(
        "refill",
        ("Lager auffüllen", "Refill the warehouse"),
        (
            "Füllt das Lager der simulierten Fabrik auf drei Werkstücke jeder Farbe auf.",
            "Fills the warehouse of the mock factory up to three pieces of each colour.",
        ),
        parameters=MockRefill,
        build=refill,
    ),
    _kind(
        "module-fault",
        ("Modul stören", "Disturb a module"),
        (
            (
                "Lässt die nächste Aktion eines simulierten Moduls scheitern, lässt es verstummen "
                "oder wieder sprechen."
            ),
            (
                "Makes the next action of a mock module fail, or the module fall silent or speak "
                "again."
            ),
        ),
        parameters=MockModuleFault,
        build=module_fault,
    ),
    _kind(
        "vehicle-fault",
        ("FTS stören", "Disturb a vehicle"),
        (
            (
                "Stellt einem simulierten FTS etwas in den Weg, nimmt es heraus oder bringt es "
                "zurück."
            ),
            ("Puts something in the way of a mock vehicle, takes it out or brings it back."),
        ),
        parameters=MockVehicleFault,
        build=vehicle_fault,
    ),
    _kind(
        "factory-fault",
        ("Fabrik stören", "Disturb the factory"),
        (
            (
                "Lässt die nächste Qualitätsprüfung scheitern, Node-RED gehen oder kommen, "
                "die CCU neu starten oder die Warenstation für niemanden freihalten."
            ),
            (
                "Makes the next quality check fail, Node-RED go or come back, the CCU restart, or "
                "keep the delivery station for nobody."
            ),
        ),
        parameters=MockFactoryFault,
        build=factory_fault,
    ),
)
