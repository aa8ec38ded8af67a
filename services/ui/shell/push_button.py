"""The signed-in person has this browser told of alarms, or told no more."""

from collections.abc import Mapping
from typing import Any

from nicegui.events import GenericEventArguments
from pydantic import ValidationError

from services.common.process import clock
from services.common.store.bus import Bus, StoreError
from services.common.store.notification_status import (
    PushBrowser,
    browser_id,
    forget_browser,
    keep_browser,
    read_browsers,
)
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, set_classes, text

FAULTS = frozenset({"unsupported", "denied", "no_service"})
PRESSED = (
    "async (event) => emit(await window.omfNotify(event.currentTarget.dataset.pushKey)"
    ".catch(() => ({fault: 'no_service'})))"
)


def push_button(screen: Screen) -> None:
    """Shown where the service `notifications` has a key for Web Push."""
    say = screen.say
    button = text(say("push.toggle"), "act hidden", "button").mark("push")
    said = text("", "hint").props("role=status")

    def draw() -> None:
        status = screen.model.notifications
        key = status.push_key if status else ""
        attribute(button, "data-push-key", key)
        set_classes(button, hidden=not key)

    async def pressed(event: GenericEventArguments) -> None:
        said.say(say(f"push.{await _answered(screen, event.args)}"))

    button.on("click", pressed, js_handler=PRESSED)
    screen.live(draw)


async def _answered(screen: Screen, answer: Any) -> str:
    """Keep what the browser answered; which words say what became of it."""
    told = answer if isinstance(answer, Mapping) else {"fault": ""}
    if (bus := screen.bus) is None:
        return "store_away"
    if "fault" in told:
        return told["fault"] if told["fault"] in FAULTS else "no_service"
    try:
        return await _changed(screen, bus, told)
    except ValidationError:
        return "no_service"
    except StoreError:
        return "store_away"


async def _changed(screen: Screen, bus: Bus, told: Mapping[str, Any]) -> str:
    """Told from now on, or no more; another person's browser only if it is the one that answers."""
    gone = told.get("gone")
    browser = None if gone else _browser(screen, told)
    name = browser.id if browser else browser_id(str(gone))
    kept = (await read_browsers(bus)).get(name)
    if kept and not kept.may_change(screen.user.name, str(_keys(told).get("auth"))):
        return "not_yours"
    if browser is None:
        await forget_browser(bus, name)
        return "off"
    return "on" if await keep_browser(bus, browser) else "too_many"


def _keys(told: Mapping[str, Any]) -> Mapping[str, Any]:
    given = told.get("keys")
    return given if isinstance(given, Mapping) else {}


def _browser(screen: Screen, told: Mapping[str, Any]) -> PushBrowser:
    keys = _keys(told)
    return PushBrowser.model_validate(
        {
            "account": screen.user.name,
            "endpoint": told.get("endpoint"),
            "p256dh": keys.get("p256dh"),
            "auth": keys.get("auth"),
            "language": screen.user.language,
            "at": clock.now(),
        }
    )
