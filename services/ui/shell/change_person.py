"""The field in the person's menu that a PIN is typed into, or a badge reader types into."""

from services.common.auth.pins import MAX_PIN_LENGTH
from services.ui.auth.request_rules import PERSON_CHANGE
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, text


def change_person(screen: Screen) -> None:
    """Drawn where anybody has a code; the browser sends it by itself (static/ui.js)."""
    say = screen.say
    if not any(account.pin for account in screen.auth.accounts.all().values()):
        return
    text(say("pin.title"), "panel-title")
    with div("row", "form") as form:
        attribute(form, "data-person", PERSON_CHANGE)
        attribute(form, "data-busy", say("pin.busy"))
        attribute(form, "data-failed", say("login.away"))
        code = div("pin-code grow", "input").mark("pin-code")
        for name, value in {
            "type": "password",
            "name": "code",
            "autocomplete": "off",
            "maxlength": MAX_PIN_LENGTH,
            "required": True,
            "aria-label": say("pin.label"),
            "placeholder": say("pin.label"),
        }.items():
            attribute(code, name, value)
        text(say("pin.change"), "act small", "button").props("type=submit")
        told = text("", "hint").props("role=status")
        attribute(told, "data-told", "1")
