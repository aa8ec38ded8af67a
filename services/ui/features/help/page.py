"""Help: the guides that come with the program, in the reader's language where there is one."""

from nicegui import ui

from services.ui.features.help.documents import DOCUMENTS, fit_for_page, help_document
from services.ui.live.screen import Screen, past_address
from services.ui.types import Address, Page
from services.ui.widgets.elements import attribute, div, link, set_classes, text


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `guide` in the address is the open one."""
    wanted = address.get("guide", "")
    name = wanted if wanted in DOCUMENTS else DOCUMENTS[0]
    with div("help-page"):
        _list(screen, name)
        _guide(screen, name)


def _list(screen: Screen, name: str) -> None:
    say = screen.say
    with div("guide-list", "nav") as listed:
        attribute(listed, "aria-label", say("help.guides"))
        for one in DOCUMENTS:
            entry = link(say(f"help.guide.{one}"), screen.path(f"help/{one}"), "guide-link")
            set_classes(entry, current=one == name)
            if one == name:
                attribute(entry, "aria-current", "page")


def _guide(screen: Screen, name: str) -> None:
    say = screen.say
    found = help_document(name, say.language)
    with div("panel guide", "section"):
        if found.language is None:
            text(say("help.not_installed"), "hint wrong").mark("not-installed")
            return
        if found.language != say.language:
            text(say("help.english_only"), "hint").mark("english-only")
        base, past = f"/{screen.environment}/help", screen.past
        query = "" if past is None else past_address("", past)
        body = ui.markdown(fit_for_page(found.text, name, base, query), sanitize=False)
        body.classes("guide-text").mark("guide-text")
        attribute(body, "lang", found.language)


PAGE = Page("help", "system", "h", build, paths=("help", "help/{guide}"))
