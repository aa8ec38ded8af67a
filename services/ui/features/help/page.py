"""Help: the guides that come with the program, in the reader's language where there is one."""

from nicegui import ui

from omf.texts import LANGUAGES, Language
from services.ui.features.help.documents import DOCUMENTS, fit_for_page, help_document
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.widgets.elements import attribute, div, link, set_classes, text


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `guide` in the address is the open one, `in` another language of it."""
    wanted, other = address.get("guide", ""), address.get("in", "")
    name = wanted if wanted in DOCUMENTS else DOCUMENTS[0]
    language = next((one for one in LANGUAGES if one == other), screen.say.language)
    with div("help-page"):
        _list(screen, name)
        _guide(screen, name, language)


def _list(screen: Screen, name: str) -> None:
    say = screen.say
    with div("guide-list", "nav") as listed:
        attribute(listed, "aria-label", say("help.guides"))
        for one in DOCUMENTS:
            entry = link(say(f"help.guide.{one}"), screen.path(f"help/{one}"), "guide-link")
            set_classes(entry, current=one == name)
            if one == name:
                attribute(entry, "aria-current", "page")


def _guide(screen: Screen, name: str, language: Language) -> None:
    say = screen.say
    found = help_document(name, language)
    with div("panel guide", "section"):
        if found.language is None:
            text(say("help.not_installed"), "hint wrong").mark("not-installed")
            return
        if found.language != language:
            text(say("help.english_only"), "hint").mark("english-only")

        def lead(guide: str, other: Language | None) -> str:
            return screen.path(f"help/{guide}?in={other}" if other else f"help/{guide}")

        fit = fit_for_page(found.text, name, lead, lambda guide: say(f"help.guide.{guide}"))
        body = ui.markdown(fit, sanitize=False)
        body.classes("guide-text").mark("guide-text")
        attribute(body, "lang", found.language)


PAGE = Page("help", "system", "h", build, paths=("help", "help/{guide}"))
