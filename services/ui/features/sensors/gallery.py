"""The pictures of the quality station side by side: each with result, order and workpiece."""

from omf.state.quality import CheckResult
from omf.texts import first
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.device_status import short
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

SHOWN_PICTURES = 12


def gallery_panel(screen: Screen) -> None:
    """The last checks, the newest first."""
    say = screen.say
    with panel(say("sensors.gallery")):
        empty = text(say("quality.none"), "empty")
        listing = KeyedList(div("gallery"), lambda key: _check(screen, key), empty)

    def draw() -> None:
        checks = screen.model.factory.quality.checks[-SHOWN_PICTURES:]
        listing.show([one.picture.message_id for one in reversed(checks)])

    screen.live(draw)


def _check(screen: Screen, message_id: str) -> Draw:
    """One picture; what was seen never changes, but its order may become known later."""
    check = _found(screen, message_id)
    with div("gallery-item"):
        with link("", urls.to_kept_message(screen, message_id)) as way:
            picture = div("gallery-picture", "img")
        result = text("")
        cause = text("", "dim")
        text(screen.when(check.picture.at), "hint mono")
        draw = _links(screen, check)
    words = _result(screen, check)
    attribute(way, "aria-label", screen.say("quality.picture", result=words))
    attribute(picture, "alt", screen.say("quality.picture", result=words))
    attribute(picture, "loading", "lazy")
    attribute(picture, "src", screen.path(f"picture/{message_id}"))
    result.say(words)
    set_classes(result, warn=check.result == "FAILED")
    cause.say(_cause(screen, check))
    return draw


def _links(screen: Screen, check: CheckResult) -> Draw:
    """To the order and the workpiece, as far as they are known."""
    with div("row wraps"):
        order, tag = link("", "", "way-in mono"), link("", "", "way-in mono")

    def draw() -> None:
        known = check.order_id is not None and check.order_id in screen.model.factory.orders
        set_classes(order, hidden=not known)
        set_classes(tag, hidden=not check.workpiece_id)
        if known and check.order_id:
            order.say(f"{screen.say('sensors.order')} {short(check.order_id)}")
            attribute(order, "href", urls.to_order(screen, check.order_id))
        if check.workpiece_id:
            tag.say(check.workpiece_id)
            attribute(tag, "href", urls.to_workpiece(screen, check.workpiece_id))

    return draw


def _found(screen: Screen, message_id: str) -> CheckResult:
    checks = screen.model.factory.quality.checks
    return next(one for one in checks if one.picture.message_id == message_id)


def _result(screen: Screen, check: CheckResult) -> str:
    """Result and colour: `Passed · White`."""
    say = screen.say
    colour = say.known("colour", check.colour) if check.colour else ""
    return " · ".join(part for part in (say.known("result", check.result), colour) if part)


def _cause(screen: Screen, check: CheckResult) -> str:
    seen = check.classification
    words = first(f"quality_class.{seen}", otherwise=seen.lower()) if seen else None
    return screen.say.either(words) if words else ""
