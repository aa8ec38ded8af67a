"""What the CCU keeps: flows, settings, layout, durations, modules (PROTOCOL C.10 to C.15)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from omf.commands.effects import LIST_WINDOW_S, SETTING_WINDOW_S, paired_as, published
from omf.commands.encoding import dump, timestamp
from omf.commands.forms import (
    Count,
    Form,
    JsonObject,
    Names,
    Seconds,
    Serial,
    Word,
    confirmation,
    field,
)
from omf.commands.present import from_present
from omf.commands.proof.ccu import contains, same_floor
from omf.commands.schemas import CommandError, Drafting, Effect, PlannedStep
from omf.messages.base import Record
from omf.terms import term
from omf.texts import Text, joined, text
from omf.topics.catalogue import address

LAYOUT_WORD = text("word.layout")
_STEPS = "hint.module_types"


class FlowsForm(Form):
    """The flow of each colour; a colour left out stays as it is."""

    red: Names | None = field("field.flow_red", None, hint=_STEPS)
    white: Names | None = field("field.flow_white", None, hint=_STEPS)
    blue: Names | None = field("field.flow_blue", None, hint=_STEPS)


class Config(Form):
    """Settings of the CCU; one left out stays as it is."""

    duration_red: Seconds | None = field("field.planned_duration_red_s", None)
    duration_white: Seconds | None = field("field.planned_duration_white_s", None)
    duration_blue: Seconds | None = field("field.planned_duration_blue_s", None)
    max_parallel_orders: Count | None = field("field.orders_in_parallel", None)
    charge_threshold_percent: Count | None = field("field.charge_at", None)


class SetLayout(Form):
    """The whole shop floor."""

    word: ClassVar[Text] = LAYOUT_WORD
    layout: JsonObject = field("field.layout", hint="hint.layout_json")
    confirm: Word = confirmation(word)


class DefaultLayout(Form):
    """The vendor's shop floor."""

    word: ClassVar[Text] = LAYOUT_WORD
    confirm: Word = confirmation(word)


class ModuleDuration(Form):
    """How long a module works on a piece."""

    serial: Serial = field("field.serial_number")
    duration: Seconds = field("field.duration_s")


class DeleteModule(Form):
    """A module that is gone for good."""

    serial: Serial = field("field.serial_number")


def set_flows(form: FlowsForm, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.12: merged per colour; running orders keep theirs."""
    told = {"RED": form.red, "WHITE": form.white, "BLUE": form.blue}
    body = {colour: {"steps": list(steps)} for colour, steps in told.items() if steps is not None}
    if not body:
        raise CommandError("red", text("plan.no_flow_named"))
    colours = joined(", ", [term("colour", one) for one in body])
    title = text("step.change_flow", colours=colours)
    same = _holds(draft.state.flows, body)
    return (_setting("ccu_set_flows", body, title, published("ccu_state_flows", body, same=same)),)


def set_config(form: Config, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.13: it replaces everything, so whatever is not named goes out as it is told now."""
    named = form.model_dump(exclude_none=True)
    if not named:
        raise CommandError("", text("plan.no_setting_named"))
    values = from_present("config", named, draft.state)
    if untold := [name for name in Config.model_fields if name not in values]:
        raise CommandError(untold[0], text("plan.present_unknown"))
    body = _whole_config(values, draft.state.config)
    title = text("step.change_ccu_settings")
    effect = published("ccu_state_config", body, same=_holds(draft.state.config, body))
    return (_setting("ccu_set_config", body, title, effect),)


def _whole_config(values: Mapping[str, Any], told: Record | None) -> dict[str, Any]:
    """All three parts, and whatever else the CCU keeps with them."""
    body: dict[str, dict[str, Any]] = {
        "productionDurations": {
            colour: values[f"duration_{colour.lower()}"] for colour in ("WHITE", "BLUE", "RED")
        },
        "productionSettings": {"maxParallelOrders": values["max_parallel_orders"]},
        "ftsSettings": {"chargeThresholdPercent": values["charge_threshold_percent"]},
    }
    kept = told.model_dump(mode="json", by_alias=True, exclude_none=True) if told else {}
    parts = {name: (kept.get(name) or {}) | part for name, part in body.items()}
    ordered = {name: {**part, **parts[name]} for name, part in body.items()}
    return {**ordered, **{name: value for name, value in kept.items() if name not in ordered}}


def _holds(told: Record | None, body: dict[str, Any]) -> bool:
    return told is not None and contains(body, told)


def set_layout(form: SetLayout, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.10: as given; what the CCU would not take or not survive is refused by interlocks."""
    title = text("step.replace_layout")
    floor = draft.state.plant.floor
    same = floor is not None and same_floor(form.layout, floor)
    effect = published("ccu_state_layout", form.layout, same=same, rule="layout-published")
    return (_setting("ccu_set_layout", form.layout, title, effect),)


def default_layout(_form: DefaultLayout, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.11: the CCU publishes the vendor's layout."""
    floor = draft.state.plant.floor
    effect = Effect(
        rule="default-layout",
        topics=(address("ccu_state_layout"),),
        before={"floor": floor.model_dump(mode="json", by_alias=True) if floor else None},
        window_s=SETTING_WINDOW_S,
        text=text("effect.ccu_publishes_layout"),
    )
    title = text("step.load_default_layout")
    body = {"timestamp": timestamp(draft.now)}
    return (_setting("ccu_set_default_layout", body, title, effect),)


def module_duration(form: ModuleDuration, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.14: seconds, forgotten when the CCU restarts."""
    body = {"serialNumber": form.serial, "duration": form.duration}
    expected = text("effect.duration_listed")
    effect = paired_as("module-duration", LIST_WINDOW_S, expected, **form.model_dump())
    said = f"{form.serial}: {form.duration} s"
    title = text("step.duration", said=said)
    return (_setting("ccu_set_module_duration", body, title, effect),)


def delete_module(form: DeleteModule, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.15: a module that lives comes back with its next connect."""
    body = {"serialNumber": form.serial}
    expected = text("effect.module_forgotten")
    effect = paired_as("module-gone", LIST_WINDOW_S, expected, serial=form.serial)
    title = text("step.forget_module", serial=form.serial)
    return (_setting("ccu_set_delete_module", body, title, effect),)


def _setting(topic: str, body: dict[str, Any], title: Text, effect: Effect) -> PlannedStep:
    return PlannedStep(
        topic=address(topic), payload=dump(body), once=False, title=title, effect=effect
    )
