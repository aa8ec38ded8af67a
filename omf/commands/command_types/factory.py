"""Commands to the CCU about the factory: reset, park, calibration (PROTOCOL C.5, C.7, C.8)."""

from typing import ClassVar, Literal

from omf.commands import data_loss_warnings
from omf.commands.effects import MODULE_WINDOW_S, PARK_WINDOW_S, denied, paired_as, reset
from omf.commands.encoding import dump, timestamp, without_none
from omf.commands.facts.factory import DELIVERY
from omf.commands.facts.module import calibrating
from omf.commands.forms import Form, Id, JsonList, Serial, Word, confirmation, field
from omf.commands.schemas import Drafting, Effect, Kind, PlannedStep
from omf.state import FactoryState
from omf.state.modules import WAREHOUSE
from omf.texts import Text, text
from omf.topics.catalogue import address

RESET_EXPIRY_S = 15.0
"""Long enough to type the word, short enough that nobody has begun something new meanwhile."""
FACTORY_EXPIRY_S = 10.0

Calibration = Literal[
    "startCalibration",
    "stopCalibration",
    "setCalibrationValues",
    "storeCalibrationValues",
    "selectCalibrationPosition",
    "testCalibrationPosition",
    "resetCalibration",
]


class FactoryReset(Form):
    """With or without the store."""

    word: ClassVar[Text] = text("word.reset")
    with_storage: bool = field(
        "field.empty_store_too",
        default=False,
        hint="hint.contents_empty_afterwards",
    )
    confirm: Word = confirmation(word)


class Nothing(Form):
    """No parameters."""


class Calibrate(Form):
    """One step of a calibration."""

    serial: Serial = field("field.serial_number")
    command: Calibration = field("field.command")
    position: Id | None = field("field.position", None)
    references: JsonList | None = field(
        "field.values",
        None,
        hint="hint.metadata_json",
    )
    factory: bool | None = field("field.factory_defaults", None)


def factory_reset(form: FactoryReset, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.5: without timestamp the CCU ignores it (F.17)."""
    body = {"timestamp": timestamp(draft.now), "withStorage": form.with_storage}
    title = text("step.reset_with_storage" if form.with_storage else "step.reset_factory")
    step = PlannedStep(
        topic=address("ccu_set_reset"), payload=dump(body), title=title, effect=reset(draft.state)
    )
    return (step,)


def park(_form: Nothing, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.7: DPS and HBW rest and stay BLOCKED until stopCalibration; the vehicle does not move."""
    expected = text("effect.parked")
    types = [DELIVERY, WAREHOUSE]
    serials = [serial for serial, one in draft.state.modules.items() if one.type in types]
    known = [denied(draft.state, serial)["known"] for serial in serials]
    parked = bool(serials) and all(calibrating(draft.state, serial) for serial in serials)
    step = PlannedStep(
        topic=address("ccu_set_park"),
        payload=dump({"timestamp": timestamp(draft.now)}),
        title=text("step.park"),
        effect=paired_as(
            "parked",
            PARK_WINDOW_S,
            expected,
            *(address("module_state", serial=serial) for serial in serials),
            types=types,
            fails=["startCalibration", "selectCalibrationPosition"],
            known=[one for ids in known for one in ids],
        ).model_copy(update={"before": {"parked": parked}, "already": parked}),
    )
    return (step,)


def calibrate(form: Calibrate, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.8: the CCU makes an instant action of the same name of it."""
    body = without_none(
        timestamp=timestamp(draft.now),
        serialNumber=form.serial,
        command=form.command,
        position=form.position,
        references=None if form.references is None else list(form.references),
        factory=form.factory,
    )
    step = PlannedStep(
        topic=address("ccu_set_calibration"),
        payload=dump(body),
        title=text("step.module_command", serial=form.serial, command=form.command),
        effect=_calibrated(form, draft.state),
        device=form.serial,
    )
    return (step,)


def _calibrated(form: Calibrate, state: FactoryState) -> Effect:
    modes: dict[str, bool] = {"startCalibration": True, "stopCalibration": False}
    mode = modes.get(form.command)
    expect = {"command": form.command, **denied(state, form.serial, form.command)}
    unchanged = mode is True and calibrating(state, form.serial) is True
    return Effect(
        rule="calibration-step" if mode is None else "calibration-mode",
        topics=(
            address("module_state", serial=form.serial),
            *(() if mode is None else (address("ccu_state_calibration", serial=form.serial),)),
        ),
        expect=expect if mode is None else {**expect, "calibrating": mode, "unchanged": unchanged},
        window_s=MODULE_WINDOW_S,
        text=text("effect.module_confirms"),
    )


KINDS = (
    Kind(
        name="factory-reset",
        parameters=FactoryReset,
        build=factory_reset,
        losses=lambda form, state: data_loss_warnings.of_reset(
            state, with_storage=form.with_storage
        ),
        interlocks=("typed-word",),
        risk="dangerous",
        role="supervisor",
        expiry_s=RESET_EXPIRY_S,
        once=True,
        # It must work just when nothing is heard any more, so an old view does not forbid it.
        moves=False,
        typed_word=FactoryReset.word,
        source="C.5, D.5",
    ),
    Kind(
        name="park",
        urgent=True,
        parameters=Nothing,
        build=park,
        interlocks=("ccu-speaks", "ccu-idle", "bridge-up", "park-ready"),
        risk="guarded",
        role="supervisor",
        expiry_s=FACTORY_EXPIRY_S,
        once=True,
        moves=True,
        source="C.7",
    ),
    Kind(
        name="calibration",
        parameters=Calibrate,
        build=calibrate,
        interlocks=(
            "ccu-speaks",
            "calibration-idle",
            "calibratable",
            "module-known",
            "module-connected",
            "bridge-up",
            "calibration-open",
        ),
        risk="guarded",
        role="supervisor",
        expiry_s=FACTORY_EXPIRY_S,
        once=True,
        moves=True,
        source="C.8",
    ),
)
