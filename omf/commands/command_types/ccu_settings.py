"""What the CCU keeps: flows, settings, layout, durations, modules (PROTOCOL C.10 to C.15)."""

from typing import Any, ClassVar

from omf.commands.effects import LIST_WINDOW_S, SETTING_WINDOW_S, paired_as, published, seen_on
from omf.commands.encoding import dump, timestamp
from omf.commands.forms import (
    Count,
    Form,
    JsonObject,
    Names,
    Seconds,
    Serial,
    Text,
    Word,
    confirmation,
    field,
)
from omf.commands.proof.ccu import contains, same_floor
from omf.commands.schemas import CommandError, Drafting, Effect, PlannedStep
from omf.messages.base import Record
from omf.topics.catalogue import address

LAYOUT_WORD = Text(de="LAYOUT", en="LAYOUT")
_STEPS = ("Modultypen der Reihe nach, mit Komma", "module types in order, by comma")


class FlowsForm(Form):
    """The flow of each colour; a colour left out stays as it is."""

    red: Names | None = field("Ablauf RED", "Flow RED", None, hint=_STEPS)
    white: Names | None = field("Ablauf WHITE", "Flow WHITE", None, hint=_STEPS)
    blue: Names | None = field("Ablauf BLUE", "Flow BLUE", None, hint=_STEPS)


class Config(Form):
    """All settings at once: what is left out would be gone (C.13)."""

    duration_red: Seconds = field("Geplante Dauer RED (s)", "Planned duration RED (s)")
    duration_white: Seconds = field("Geplante Dauer WHITE (s)", "Planned duration WHITE (s)")
    duration_blue: Seconds = field("Geplante Dauer BLUE (s)", "Planned duration BLUE (s)")
    max_parallel_orders: Count = field("Aufträge gleichzeitig", "Orders in parallel")
    charge_threshold_percent: Count = field("Laden ab (%)", "Charge at (%)")


class SetLayout(Form):
    """The whole shop floor."""

    word: ClassVar[Text] = LAYOUT_WORD
    layout: JsonObject = field(
        "Layout", "Layout", hint=("JSON wie ccu/state/layout", "JSON as in ccu/state/layout")
    )
    confirm: Word = confirmation(word)


class DefaultLayout(Form):
    """The vendor's shop floor."""

    word: ClassVar[Text] = LAYOUT_WORD
    confirm: Word = confirmation(word)


class ModuleDuration(Form):
    """How long a module works on a piece."""

    serial: Serial = field("Seriennummer", "Serial number")
    duration: Seconds = field("Dauer (s)", "Duration (s)")


class DeleteModule(Form):
    """A module that is gone for good."""

    serial: Serial = field("Seriennummer", "Serial number")


def set_flows(form: FlowsForm, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.12: merged per colour; running orders keep theirs."""
    told = {"RED": form.red, "WHITE": form.white, "BLUE": form.blue}
    body = {colour: {"steps": list(steps)} for colour, steps in told.items() if steps is not None}
    if not body:
        raise CommandError("red", "Kein Ablauf genannt", "no flow is named")
    colours = ", ".join(body)
    title = Text(de=f"Ablauf ändern: {colours}", en=f"Change the flow: {colours}")
    same = _holds(draft.state.flows, body)
    return (_setting("ccu_set_flows", body, title, published("ccu_state_flows", body, same=same)),)


def set_config(form: Config, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.13: it replaces everything, so all three parts are always there."""
    body = {
        "productionDurations": {
            "WHITE": form.duration_white,
            "BLUE": form.duration_blue,
            "RED": form.duration_red,
        },
        "productionSettings": {"maxParallelOrders": form.max_parallel_orders},
        "ftsSettings": {"chargeThresholdPercent": form.charge_threshold_percent},
    }
    title = Text(de="Einstellungen der CCU ändern", en="Change the CCU's settings")
    effect = published("ccu_state_config", body, same=_holds(draft.state.config, body))
    return (_setting("ccu_set_config", body, title, effect),)


def _holds(told: Record | None, body: dict[str, Any]) -> bool:
    return told is not None and contains(body, told)


def set_layout(form: SetLayout, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.10: as given; what the CCU would not take or not survive is refused by interlocks."""
    title = Text(de="Layout ersetzen", en="Replace the layout")
    floor = draft.state.plant.floor
    same = floor is not None and same_floor(form.layout, floor)
    effect = published("ccu_state_layout", form.layout, same=same, rule="layout-published")
    return (_setting("ccu_set_layout", form.layout, title, effect),)


def default_layout(_form: DefaultLayout, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.11: the CCU publishes the vendor's layout."""
    text = Text(de="CCU veröffentlicht das Layout", en="The CCU publishes the layout")
    effect = seen_on("ccu_state_layout", SETTING_WINDOW_S, text)
    title = Text(de="Werkslayout laden", en="Load the default layout")
    body = {"timestamp": timestamp(draft.now)}
    return (_setting("ccu_set_default_layout", body, title, effect),)


def module_duration(form: ModuleDuration, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.14: seconds, forgotten when the CCU restarts."""
    body = {"serialNumber": form.serial, "duration": form.duration}
    text = Text(de="CCU nennt die neue Dauer", en="The CCU lists the new duration")
    effect = paired_as("module-duration", LIST_WINDOW_S, text, **form.model_dump())
    said = f"{form.serial}: {form.duration} s"
    title = Text(de=f"Dauer von {said}", en=f"Duration of {said}")
    return (_setting("ccu_set_module_duration", body, title, effect),)


def delete_module(form: DeleteModule, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.15: a module that lives comes back with its next connect."""
    body = {"serialNumber": form.serial}
    text = Text(de="CCU führt das Modul nicht mehr", en="The CCU lists the module no longer")
    effect = paired_as("module-gone", LIST_WINDOW_S, text, serial=form.serial)
    title = Text(de=f"Modul {form.serial} vergessen", en=f"Forget module {form.serial}")
    return (_setting("ccu_set_delete_module", body, title, effect),)


def _setting(topic: str, body: dict[str, Any], title: Text, effect: Effect) -> PlannedStep:
    return PlannedStep(
        topic=address(topic), payload=dump(body), once=False, title=title, effect=effect
    )
