"""What a command card shows of a plan: what, where, payload, checks, effect."""

from collections.abc import Sequence

from omf.commands import FREE_MESSAGE, Plan, PlannedStep, kind_of
from omf.messages import json_diff
from omf.messages.json_diff import Difference
from omf.messages.reading import (
    Deleted,
    Reading,
    Rejected,
    Result,
    Unmodelled,
    parse,
    parse_strictly,
)
from omf.state.device_names import device_name
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import command_view
from services.ui.views.command_view import CheckVerdict
from services.ui.widgets.elements import attribute, div, set_classes, text

FREE = FREE_MESSAGE


def what(screen: Screen, plan: Plan) -> None:
    """Each message in words, in the order they go out."""
    say = screen.say
    text(say("command.what"), "panel-title")
    if not plan.steps:
        text(say.either(kind_of(plan.kind).summary))
    for number, step in enumerate(plan.steps, 1):
        lead = f"{number}. " if len(plan.steps) > 1 else ""
        text(f"{lead}{say.either(step.title)}")
        if step.was:
            text(say("command.edited"), "hint changed")
        if plan.kind == FREE or step.was:
            fits(screen, step.topic, step.payload.encode(errors="replace"))
    if len(plan.steps) > 1:
        text(say("command.automatic" if plan.automatic else "command.stepwise"), "hint")


def losses(screen: Screen, plan: Plan) -> None:
    """What is gone for good afterwards, as the factory stands now."""
    if plan.losses:
        text(screen.say("command.losses"), "panel-title")
    for loss in plan.losses:
        text(screen.say.either(loss), "loss")


def settings(screen: Screen, plan: Plan) -> None:
    """What would be set otherwise than the factory has it now; nothing for what sets nothing."""
    if plan.changes is None or plan.edited:
        return
    say = screen.say
    text(say("command.against_now"), "panel-title")
    if not plan.changes:
        text(say("setting.nothing_changes"), "hint")
    for one in plan.changes:
        with div("difference"):
            text(say.either(one.name), "dim")
            text(say.either(one.before), "gone")
            text(say.either(one.after), "come")


def where(screen: Screen, plan: Plan) -> None:
    """Topic, serial and type, and how it is sent."""
    say = screen.say
    text(say("command.where"), "panel-title")
    if not plan.steps:
        text(say("command.no_message"), "hint")
    if reads := kind_of(plan.kind).reads:
        text(say.either(reads), "hint")
    seen: list[str] = []
    for step in plan.steps:
        if step.topic in seen:
            continue
        seen.append(step.topic)
        name = device_name(screen.model.factory, step.device) if step.device else None
        device = say.either(name) if name else "CCU"
        text(step.topic, "mono")
        kept = say("command.kept" if step.retain else "command.not_kept")
        text(say("command.wire", qos=step.qos, kept=kept, device=device), "hint")


def fits(screen: Screen, topic: str, payload: bytes) -> None:
    """Whether a message to be sent is what the catalogue expects on its topic."""
    _fits(screen, parse_strictly(topic, payload))


def understood(screen: Screen, topic: str, payload: bytes) -> None:
    """Whether a message that came could be read, and each thing of it that could not."""
    say, found = screen.say, parse(topic, payload)
    if isinstance(found, Deleted):
        text(say("messages.deletion"), "hint")
    elif isinstance(found, Reading) and found.notes:
        text(say("messages.partly" if found.misfits else "messages.odd"), "hint wrong")
        for note in found.notes:
            text(say.either(note.said), "hint")
    else:
        _fits(screen, found)


def _fits(screen: Screen, found: Result) -> None:
    say = screen.say
    if isinstance(found, Rejected):
        why = say(
            "detail.joined", what=say(f"reject.{found.reason}"), detail=say.either(found.detail)
        )
        text(say("command.misfit", why=why), "hint wrong")
    else:
        key = "command.no_model" if isinstance(found, Unmodelled) else "command.fits"
        text(say(key), "hint")


def payload(screen: Screen, plan: Plan, *, exact: bool) -> None:
    """The bytes of each message, laid out for reading or as they go out."""
    for step in plan.steps:
        if len(plan.steps) > 1:
            text(screen.say.either(step.title), "hint")
        shown = step.payload if exact else command_view.pretty(step.payload)
        attribute(text(shown, "payload", "pre"), "tabindex", "0")


def changes(screen: Screen, found: Sequence[Difference] | None) -> None:
    """What was changed since the card opened; None if it could not be built then."""
    say = screen.say
    if found is None:
        text(say("command.no_default"), "hint")
        return
    if not found:
        text(say("command.as_default"), "hint")
    difference_lines(screen, found)


def difference_lines(screen: Screen, found: Sequence[Difference]) -> None:
    """Path, value before, value after; a leaf that is only on one side says so."""
    say = screen.say
    for path, before, after in found:
        with div("difference"):
            text(path, "mono dim")
            text(before or say("difference.absent"), "mono gone")
            text(after or say("difference.absent"), "mono come")


def protected(screen: Screen, paths: Sequence[str]) -> None:
    """The fields nobody types: they become final when the command is sent."""
    if paths:
        text(screen.say("command.protected", fields=", ".join(paths)), "hint protected")


def made_by_us(plan: Plan, other: Plan) -> list[str]:
    """The paths that differ between the same command prepared at another time with other ids."""
    found: dict[str, None] = {}
    for step, again in zip(plan.steps, other.steps, strict=False):
        pair = (json_diff.parsed(step.payload), json_diff.parsed(again.payload))
        found.update(dict.fromkeys(path for path, _, _ in json_diff.between(*pair)))
    return list(found)


def checks(screen: Screen, found: Sequence[CheckVerdict]) -> None:
    """What is not met first, in colour and with a shape; what is met in grey, close together."""
    say = screen.say
    text(say("command.checks"), "panel-title")
    for verdict in (one for one in found if one.met is not True):
        _check(screen, verdict)
    with div("checks-met"):
        for verdict in (one for one in found if one.met is True):
            _check(screen, verdict)


def _check(screen: Screen, verdict: CheckVerdict) -> None:
    with div("check") as line:
        word = {True: "met", False: "unmet", None: "open"}[verdict.met]
        text(screen.say(f"check.{word}"), "check-word")
        # The word beside it says already that it is not known.
        text(verdict.words.removeprefix(screen.say("check.unknown_is")), "grow")
        if verdict.overridable:
            text(screen.say("check.prudence"), "hint")
    set_classes(line, bad=not verdict.passed)


def effects(screen: Screen, plan: Plan) -> None:
    """What the factory is expected to report, and within which time; once where steps are alike."""
    say = screen.say
    text(say("command.effect"), "panel-title")
    chains = [_chain(screen, step) for step in plan.steps]
    if len(chains) > 1 and len(set(chains)) == 1:
        text(f"{say('command.each_step')}: {chains[0]}")
        return
    for number, words in enumerate(chains, 1):
        text(f"{number}. {words}" if len(chains) > 1 else words)


def _chain(screen: Screen, step: PlannedStep) -> str:
    say, language = screen.say, screen.user.language
    return " → ".join(
        f"{say.either(one.text)} ({say('command.window', window=window)})"
        for one in command_view.expected(step.effect)
        if (window := formats.number(one.window_s, language))
    )
