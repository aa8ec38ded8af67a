"""A command as people see it: what may be sent now and why not, and how far a sent one has come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from omf.commands import CONTROLS, KINDS, CommandError, Effect, Kind, Plan, kind_of, prepare
from omf.commands.command_types.approvals import APPROVAL_S
from omf.constants import COLOURS, MAX_PAYLOAD_BYTES, MINUTE_S
from omf.messages import exact_json
from omf.sequences.preview import place_checks
from omf.texts import LANGUAGES
from services.common.store.access_notes import ACCESS_KINDS
from services.common.store.environments import kind_of as factory_kind
from services.common.store.keys import Command, CommandRecord, Role, Stage
from services.ui.auth.current_user import CurrentUser
from services.ui.live import connection_health
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import field_choices, field_errors

FAILURES = frozenset({Stage.REFUSED, Stage.NO_EFFECT, Stage.FAILED, Stage.EXPIRED, Stage.UNKNOWN})


ORDER = "production-order"
"""The command behind the three tiles."""
CHANGED = "plan-changed"
"""The reason orders gives for a preview that is not what would go out now."""
TYPED = "typed-word"
"""The interlock of a word that nobody can have typed before the card is open."""
_GROUPS = {
    "orders": ("storage-order", "cancel-order", "cloud-order"),
    "vehicles": ("fts-", "charge", "stop-charging", "clear-load-handler"),
    "modules": ("module-", "storage-", "delivery-", "status-led", "set-storage", "calibration"),
    "sensors": ("camera", "sensor-", "nfc-"),
    "factory": ("factory-reset", "park", "flows", "config", "layout", "default-layout", "delete-"),
    "training": ("mock-",),
    "raw": ("",),
}
"""What the kinds of each group begin with; the first group that fits has it, `raw` the rest."""
MAX_PRETTY_CHARS = 8 * MAX_PAYLOAD_BYTES
"""More than the largest payload has with its indents: what is edited must be whole."""
SETTING_KINDS = frozenset({"module-duration", "delete-module"})
"""Kinds that change the factory, although they name a module."""


def groups() -> dict[str, list[str]]:
    """Every kind but the order tiles' own, each in one group; empty groups are left out."""
    found: dict[str, list[str]] = {group: [] for group in _GROUPS}
    for name in KINDS:
        if name != ORDER:
            found[_group(name)].append(name)
    return {group: names for group, names in found.items() if names}


def _group(kind: str) -> str:
    if kind in SETTING_KINDS:
        return "factory"
    return next(group for group, starts in _GROUPS.items() if kind.startswith(starts))


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """One check as shown: `met` is None while the factory has not told enough."""

    met: bool | None
    passed: bool
    words: str
    overridable: bool = False
    """Only prudence asks for it, and who looks may override that with a reason."""


def verdicts(plan: Plan, role: str, model: ViewModel, user: CurrentUser) -> list[CheckVerdict]:
    """Everything that decides whether this may be sent: right, way out, interlocks."""
    say = user.say
    found = [*_moment_verdict(model, say), _right(role, user, say), _way_out_verdict(model, say)]
    found += _second_person_verdict(plan, model, user)
    may = user.may(Role.SUPERVISOR)
    return found + [
        CheckVerdict(c.met, c.passed, say.either(c), may and not c.passed and c.overridable)
        for c in (*place_checks(plan, factory_kind(model.environment)), *plan.checks)
    ]


def _moment_verdict(model: ViewModel, say: Translator) -> list[CheckVerdict]:
    """First of all reasons: in the past no other one needs to be mended."""
    if model.past is None:
        return []
    return [CheckVerdict(met=False, passed=False, words=say("check.past.unmet"))]


def _second_person_verdict(plan: Plan, model: ViewModel, user: CurrentUser) -> list[CheckVerdict]:
    """Where four eyes are asked for: both people have to be known."""
    needed = kind_of(plan.kind).needs_second(edited=plan.edited)
    if not (model.lease.four_eyes and needed):
        return []
    known, minutes = user.known_by == "account", int(APPROVAL_S / MINUTE_S)
    key = "check.second_person.met" if known else "check.second_person.unmet"
    return [CheckVerdict(known, known, user.say(key, minutes=minutes))]


def _right(role: str, user: CurrentUser, say: Translator) -> CheckVerdict:
    allowed = user.may(role)
    unmet = "viewer" if user.role is Role.VIEWER else "unmet"
    key = "check.role.met" if allowed else f"check.role.{unmet}"
    return CheckVerdict(allowed, allowed, say(key, role=say(f"role.{Role(role)}")))


def _way_out_verdict(model: ViewModel, say: Translator) -> CheckVerdict:
    way_out = _way_out(model)
    key = {True: "met", False: "unmet", None: "unknown"}[way_out]
    return CheckVerdict(way_out, way_out is True, say(f"check.way_out.{key}"))


def _way_out(model: ViewModel) -> bool | None:
    view = {v.name: v for v in connection_health.views(model)}
    if view["bus"].state != "up":
        return False
    state = view["gateway"].state
    return None if state == "unknown" else state == "up"


def reason_against(found: list[CheckVerdict], override: str = "") -> str | None:
    """The first thing that stands in the way, in words; None if nothing does.

    `override` is the reason somebody gave to set prudence aside.
    """
    standing = (one for one in found if not (one.passed or (override and one.overridable)))
    return next((verdict.words for verdict in standing), None)


def only_prudence(found: list[CheckVerdict]) -> bool:
    """True if something stands in the way that a reason alone sets aside."""
    unmet = [verdict for verdict in found if not verdict.passed]
    return bool(unmet) and all(verdict.overridable for verdict in unmet)


def expected(effect: Effect | None) -> Iterator[Effect]:
    """What the factory is to report, one after the other."""
    while effect is not None:
        yield effect
        effect = effect.follow_up


def was_not_as_read(record: CommandRecord | None) -> bool:
    """True if orders sent nothing because it was no longer what the reader had seen."""
    if record is None or record.stage is not Stage.REFUSED:
        return False
    return any(reason.id == CHANGED for reason in record.events[-1].reasons)


def pretty(payload: str) -> str:
    """A payload for reading, each number and doubled key as it goes out; as it is if no JSON."""
    try:
        return exact_json.pretty(exact_json.read(payload), MAX_PRETTY_CHARS).text
    except (ValueError, RecursionError):
        return payload


def parameters_words(command: Command, say: Translator) -> str:
    """Parameters on one line, by the names and words of the form: `Colour: White`."""
    return values_words(command.kind, command.parameters, say)


def values_words(name: str, parameters: Mapping[str, Any], say: Translator) -> str:
    """The same of the parameters alone."""
    kind = (KINDS | CONTROLS).get(name)
    return ", ".join(
        f"{field_errors.label(kind, field, say) if kind else field}: "
        f"{_value(kind, field, value, say)}"
        for field, value in parameters.items()
    )


def _value(kind: Kind | None, name: str, value: object, say: Translator) -> str:
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if isinstance(value, list | tuple):
        return ", ".join(_value(kind, name, one, say) for one in value)
    if isinstance(value, Mapping):
        return _mapping(value, say)
    if value in COLOURS:
        return say.known("colour", str(value))
    if kind is None or not isinstance(value, str):
        return str(value)
    return field_choices.word(kind.name, name, value, say)


def _mapping(value: Mapping[str, Any], say: Translator) -> str:
    """A step of a sequence by what it does, words in the language; else as it came."""
    kind, given = value.get("kind"), value.get("parameters")
    if isinstance(kind, str):
        colour = given.get("colour") if isinstance(given, Mapping) else None
        name = kind_name(kind, say)
        return f"{name} ({say.known('colour', colour)})" if colour in COLOURS else name
    for part, operation in (("wait", "wait"), ("if", "branch"), ("stop", "stop")):
        if part in value:
            return say(f"sequence.operation.{operation}")
    if value.keys() <= set(LANGUAGES):
        return str(value.get(say.language) or value.get("en", ""))
    return str(dict(value))


def last_reason(record: CommandRecord, say: Translator) -> str:
    """Why the command stands where it stands, if anything was said about it."""
    for event in reversed(record.events):
        if event.reasons:
            return "; ".join(say.either(reason) for reason in event.reasons)
    return ""


def kind_name(kind: str, say: Translator) -> str:
    """The kind as the menu calls it; one that is not on the menu is shown as it came."""
    if told := ACCESS_KINDS.get(kind):
        return say.either(told)
    found = KINDS.get(kind) or CONTROLS.get(kind)
    return kind if found is None else say.either(found.title)


def fault(error: CommandError, kind: Kind, say: Translator) -> str:
    """What is wrong with which parameter, by the name its field has."""
    if error.field in ("", "edited"):
        return say.either(error)
    name, *path = error.field.split(".")
    field = " ".join([field_errors.label(kind, name, say), *path])
    return say("detail.joined", what=field, detail=say.either(error))


def obstacle(
    kind: str,
    given: Mapping[str, Any],
    model: ViewModel,
    user: CurrentUser,
    *,
    complete: bool = True,
) -> str | None:
    """Why this very command could not be sent now, in words; None if nothing stands in the way.

    Where `given` is not `complete`, what is still to be typed on its card is no obstacle: the
    parameters, and the word of confirmation.
    """

    def find() -> str | None:
        say, role = user.say, kind_of(kind).role
        if past := _moment_verdict(model, say):
            return reason_against(past)
        try:
            plan = prepare(
                kind,
                given,
                model.factory,
                now=model.now,
                new_id=lambda: "preview",
                judged_at=model.factory_now,
            )
        except CommandError as error:
            anyhow = [_right(role, user, say), _way_out_verdict(model, say)]
            return fault(error, kind_of(kind), say) if complete else reason_against(anyhow)
        checks = tuple(check for check in plan.checks if complete or check.id != TYPED)
        asked = plan.model_copy(update={"checks": checks})
        return reason_against(verdicts(asked, role, model, user))

    # As text: what is given may hold lists and objects, which are no key.
    return model.shared(("obstacle", kind, repr(dict(given)), user.judged_by, complete), find)
