"""What the keys do and which addresses can be kept; built when somebody asks for it first."""

from services.ui.live.screen import Screen
from services.ui.types import Page
from services.ui.widgets.elements import attribute, div, set_classes, text

HELP_KEYS = ("/", "Esc", "?", "c")
QUERIES = {
    "messages": ("?class=3&way=to", "?topic=module/v1/ff/+/state", "?text=HBW"),
    "commands": ("?command=ID",),
    "steering": ("?kind=factory-reset",),
}


class Help:
    """An overlay; `?` or the link in the footer opens it."""

    def __init__(self, screen: Screen, pages: tuple[Page, ...]) -> None:
        self._screen = screen
        self._pages = pages
        self._panel = div("aside help panel hidden", "aside")
        attribute(self._panel, "aria-label", screen.say("help.title"))

    def opener(self) -> None:
        """The link that opens it."""
        button = text(self._screen.say("help.open"), "plain", "button").on("click", self.open)
        attribute(button, "data-help", "1")

    def open(self) -> None:
        """Show it."""
        if not self._panel.default_slot.children:
            with self._panel:
                self._fill()
        set_classes(self._panel, hidden=False)

    def _close(self) -> None:
        set_classes(self._panel, hidden=True)

    def _fill(self) -> None:
        say = self._screen.say
        with div("panel-head"):
            text(say("help.title"), "card-title", "h2")
            close = text(say("close"), "act small", "button").on("click", self._close)
            attribute(close, "data-close", "1")
        with div("help-columns"):
            with div("help-part"):
                text(say("help.keys"), "panel-title", "h3")
                for key in HELP_KEYS:
                    self._line(key, say(f"help.key.{HELP_KEYS.index(key)}"))
                for page in filter(lambda page: page.menu, self._mine()):
                    self._line(f"g {page.key}", say(f"page.{page.name}"))
            with div("help-part"):
                text(say("help.addresses"), "panel-title", "h3")
                for page in self._mine():
                    for path in page.addresses:
                        shown = path.replace(":path}", "}")
                        self._line(f"/{self._screen.environment}/{shown}", say(f"page.{page.name}"))
                    for query in QUERIES.get(page.name, ()):
                        self._line(f"/{self._screen.environment}/{page.name}{query}", "")
        text(say("help.stop"), "hint")

    def _mine(self) -> list[Page]:
        return [page for page in self._pages if page.open_to(self._screen.user)]

    def _line(self, term: str, meaning: str) -> None:
        with div("help-line"):
            text(term, "mono")
            text(meaning, "dim")
