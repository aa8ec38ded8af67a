"""The form by which an administrator brings a session file into the library of the station."""

from services.common.store.keys import Role
from services.ui.auth.current_user import CurrentUser
from services.ui.auth.request_rules import SESSION_IMPORT
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, text

IMPORTING = Role.ADMIN
"""A file from elsewhere is written to the disk of the server."""


def import_form(screen: Screen, user: CurrentUser) -> None:
    """Build it for who is `user` at the station.

    Who may not import reads who may, and how else a file gets there.
    """
    say = screen.say
    text(say("replay.import"), "hint")
    if not user.may(IMPORTING):
        text(say("sessions.no_right", role=say(f"role.{IMPORTING}")), "hint")
        return
    with div("import-form", "form").mark("import-form") as form:
        attribute(form, "data-import", SESSION_IMPORT)
        attribute(form, "data-busy", say("import.busy"))
        attribute(form, "data-failed", say("import.failed"))
        _field("file", say("import.file"), required=True)
        _field("text", say("import.name"), data_name=True, maxlength=120)
        with div("", "label"):
            div("", "input").props("type=checkbox")
            text(say("import.skip"))
        text(say("import.begin"), "act small", "button").props("type=submit")
        told = text("", "hint").props("role=status")
        attribute(told, "data-told", "1")


def _field(kind: str, label: str, **more: object) -> None:
    field = div("entry", "input").props(f"type={kind}")
    attribute(field, "aria-label", label)
    if kind != "file":
        attribute(field, "placeholder", label)
    for name, value in more.items():
        attribute(field, name.replace("_", "-"), value)
