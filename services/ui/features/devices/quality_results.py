"""The results of the quality station: how many passed, and each one with its picture."""

from omf.state.quality import CheckResult
from omf.texts import first
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.device_status import short
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.rack import disc, paint

SHOWN_RESULTS = 12


def quality_panel(screen: Screen, _read: object) -> Draw:
    """Pass rate, the last picture, and the results before it."""
    say = screen.say
    with panel(say("quality.title")):
        rate = text("")
        with div("quality"):
            picture = div("quality-picture", "img")
            with div("quality-lines") as holder:
                empty = text(say("quality.none"), "empty")
        listing = KeyedList(holder, lambda key: _check(screen, key), empty)

    def draw() -> None:
        quality = screen.model.factory.quality
        rate.say(_rate_words(screen, quality.by_result))
        newest = list(reversed(quality.checks[-SHOWN_RESULTS:]))
        listing.show([check.picture.message_id for check in newest])
        shown = newest[0] if newest else None
        set_classes(picture, hidden=shown is None)
        if shown:
            attribute(picture, "src", screen.path(f"picture/{shown.picture.message_id}"))
            attribute(picture, "alt", say("quality.picture", result=_result(screen, shown)))

    return draw


def _rate_words(screen: Screen, by_result: dict[str, int]) -> str:
    say = screen.say
    passed, failed = by_result.get("PASSED", 0), by_result.get("FAILED", 0)
    if not passed + failed:
        return ""
    percent = formats.number(100 * passed / (passed + failed), say.language)
    return say("quality.rate", percent=percent, passed=passed, all=passed + failed)


def _result(screen: Screen, check: CheckResult) -> str:
    return screen.say.known("result", check.result)


def _check(screen: Screen, message_id: str) -> Draw:
    user = screen.user
    check = next(
        one for one in screen.model.factory.quality.checks if one.picture.message_id == message_id
    )
    with div("quality-line"):
        paint(disc(None), check.colour)
        at = formats.when(
            check.picture.at, now=screen.model.now, clock=user.clock, language=user.language
        )
        link(at, urls.to_message(screen, message_id), "mono way-in")
        with div("quality-result"):
            result = text(_result(screen, check))
            seen = check.classification
            words = first(f"quality_class.{seen}", otherwise=seen.lower()) if seen else None
            text(screen.say.either(words) if words else "", "dim")
        if check.order_id in screen.model.factory.orders:
            link(short(check.order_id or ""), urls.to_order(screen, check.order_id or ""), "way-in")
        else:
            text("")
    set_classes(result, warn=check.result == "FAILED")
    return lambda: None
