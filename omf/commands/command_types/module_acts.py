"""Acts of a module outside orders: reset, factsheet, lamp, contents (PROTOCOL C.9, C.23, C.24)."""

from typing import Any, ClassVar, Literal

from omf.commands.defaults import only
from omf.commands.effects import FACTSHEET_WINDOW_S, MODULE_WINDOW_S, echoed, module_told, seen_on
from omf.commands.facts.factory import DELIVERY
from omf.commands.forms import Form, JsonObject, Serial, Word, confirmation, field
from omf.commands.instant import Sent, instant, step_of
from omf.commands.present import bay_contents, bays_of
from omf.commands.proof.module import same_contents
from omf.commands.schemas import CommandError, Drafting, Effect, Kind, PlannedStep
from omf.commands.setting_changes import store_losses
from omf.constants import COLOURS
from omf.state.modules import WAREHOUSE
from omf.state.values import CarriedLoad
from omf.texts import Text, text
from omf.topics.catalogue import address

ACT_EXPIRY_S = 5.0


class OneModule(Form):
    """A module by its serial number."""

    serial: Serial = field("field.serial_number")


class StatusLed(Form):
    """The lamp of the delivery station, one colour at a time as the CCU does."""

    light: Literal["red", "yellow", "green", "off"] = field("field.light")
    serial: Serial | None = field("field.serial_number", None)


class SetStorage(Form):
    """What lies in the bays of a warehouse; a bay left out stays as it is."""

    word: ClassVar[Text] = text("word.store")
    contents: JsonObject = field(
        "field.contents",
        {},
        hint="hint.json_bays",
    )
    confirm: Word = confirmation(word)
    serial: Serial | None = field("field.serial_number", None)


def module_reset(form: OneModule, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.9: HBW, DPS and AIQS reset their controller; MILL and DRILL have no branch for it."""
    expected = text("effect.module_idle")
    sent = instant(draft, "module_instant_action", form.serial, ("reset", None))
    module = draft.state.modules.get(form.serial)
    idle = module is not None and module.state_known and module.action is None

    def effect(told: Sent) -> Effect:
        wanted = module_told(
            "module-idle", form.serial, MODULE_WINDOW_S, expected, action_id=told.action_id
        )
        # Only the controller behind the DPS was recorded to name the reset (PROTOCOL B.5).
        controller = address("nodered_state", serial=form.serial)
        known = {"before": {"idle": idle}, "already": idle}
        return wanted.model_copy(update={"topics": (*wanted.topics, controller), **known})

    title = text("step.reset_module", serial=form.serial)
    return (step_of(sent, form.serial, title, effect),)


def module_factsheet(form: OneModule, draft: Drafting) -> tuple[PlannedStep, ...]:
    """A.2: every module answers with its factsheet."""
    title = text("step.factsheet", serial=form.serial)
    expected = text("effect.module_sends_factsheet")
    sent = instant(draft, "module_instant_action", form.serial, ("factsheetRequest", None))

    def effect(_: Sent) -> Effect:
        return seen_on("module_factsheet", FACTSHEET_WINDOW_S, expected, serial=form.serial)

    return (step_of(sent, form.serial, title, effect, once=False),)


def status_led(form: StatusLed, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.24: the CCU overwrites it within about a second."""
    lights = {colour: colour == form.light for colour in ("green", "red", "yellow")}
    title = text("step.lamp_dps", light=form.light)
    sent = instant(draft, "module_instant_action", str(form.serial), ("setStatusLED", lights))
    return (step_of(sent, str(form.serial), title, _echo, once=False),)


def set_storage(form: SetStorage, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.23: all its bays, in the warehouse's own order: those named, and the others as they are."""
    store = draft.state.modules.get(str(form.serial))
    contents = _contents(form.contents, bay_contents(store), bays_of(store))
    filled = {
        bay: [piece["type"], piece["workpieceId"]] for bay, piece in contents.items() if piece
    }
    expected = text("effect.storage_contents")
    serial = str(form.serial)
    told = store.bays if store else {}
    pieces: dict[str | None, CarriedLoad] = {bay: load for bay, load in told.items() if load}
    same = bool(store and store.loads_known) and same_contents(pieces, filled)
    times = {bay: load.loaded_ms for bay, load in pieces.items()}

    def effect(sent: Sent) -> Effect:
        expect = {"contents": filled, "action_id": sent.action_id}
        known = {"before": {"same": same, "loaded_ms": times}, "already": same}
        wanted = module_told("storage-set", serial, MODULE_WINDOW_S, expected, **expect)
        return wanted.model_copy(update=known)

    title = text("step.set_contents", serial=serial)
    action = ("SET_STORAGE", {"contents": contents})
    sent = instant(draft, "module_instant_action", serial, action)
    return (step_of(sent, serial, title, effect),)


def _contents(
    given: dict[str, Any], told: dict[str, dict[str, str]] | None, bays: tuple[str, ...]
) -> dict[str, dict[str, str]]:
    """Every bay known: those named as named, the others as they are.

    C.23: the warehouse empties a bay that is left out, so one nobody knows becomes empty; the
    losses say so.
    """
    unknown = sorted(set(given) - set(bays)) if bays else []
    if unknown:
        raise CommandError("contents", text("plan.no_bay", bays=", ".join(unknown)))
    named = {bay: _piece(bay, piece or {}) for bay, piece in given.items()}
    kept = {**(told or {}), **named}
    return {bay: kept.get(bay, {}) for bay in bays or given}


def _piece(bay: str, given: Any) -> dict[str, str]:
    if given == {}:
        return {}
    if not isinstance(given, dict) or given.get("type") not in COLOURS:
        raise CommandError(f"contents.{bay}", text("plan.no_colour", bay=bay))
    return {"type": str(given["type"]), "workpieceId": str(given.get("workpieceId") or "")}


def _echo(sent: Sent) -> Effect:
    return echoed(sent.topic, sent.payload)


KINDS = (
    Kind(
        name="module-reset",
        parameters=OneModule,
        build=module_reset,
        interlocks=("module-connected", "bridge-up", "module-resettable"),
        risk="guarded",
        role="supervisor",
        expiry_s=ACT_EXPIRY_S,
        once=True,
        moves=True,
        source="C.9",
    ),
    Kind(
        name="module-factsheet",
        parameters=OneModule,
        build=module_factsheet,
        interlocks=("module-answers", "module-connected", "bridge-up"),
        risk="normal",
        role="operator",
        expiry_s=ACT_EXPIRY_S,
        once=False,
        moves=False,
        source="A.2, B.5",
    ),
    Kind(
        name="status-led",
        parameters=StatusLed,
        build=status_led,
        resolve=only(DELIVERY),
        interlocks=("delivery", "module-connected", "bridge-up"),
        risk="normal",
        role="operator",
        expiry_s=ACT_EXPIRY_S,
        once=False,
        moves=False,
        source="C.24",
    ),
    Kind(
        name="set-storage",
        parameters=SetStorage,
        build=set_storage,
        losses=store_losses,
        resolve=only(WAREHOUSE),
        interlocks=(
            "typed-word",
            "ccu-idle",
            "warehouse",
            "module-connected",
            "bridge-up",
            "module-free",
            "module-ready",
        ),
        risk="dangerous",
        role="admin",
        expiry_s=ACT_EXPIRY_S,
        once=True,
        moves=False,
        typed_word=SetStorage.word,
        source="C.23",
    ),
)
