"""The commands for one thing: each may be opened, and says what stands in its way just now."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from nicegui import background_tasks, ui

from omf import terms
from omf.commands import KINDS, Kind
from services.common.store.pending_previews import PendingPreview
from services.ui.live.screen import Screen
from services.ui.views import available_commands
from services.ui.views.available_commands import CommandSuggestion
from services.ui.widgets.command_card.card import CommandCard
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList


class Card(Protocol):
    """What stands in a place for cards."""

    panel: ui.element

    @property
    def open(self) -> bool:
        """True until the card is closed."""

    @property
    def busy(self) -> bool:
        """True while closing it would break off what it does."""

    @property
    def command(self) -> str:
        """Id of the one command it is about; "" for several."""

    def draw(self) -> None:
        """Bring it up to date."""

    def discard(self) -> None:
        """Close it."""


class CommandCardSlot:
    """Where a page's command card stands; another takes its place, above one that is busy."""

    def __init__(self, screen: Screen, classes: str = "card-place") -> None:
        self._screen = screen
        self._holder = div(classes)
        self._cards: list[Card] = []
        if screen.impacts is not None:
            # What looks ahead takes seconds to begin: it is there once a card is open.
            background_tasks.create(screen.impacts.start(), name="start of what looks ahead")
        screen.live(self._draw)

    @property
    def taken(self) -> bool:
        """True while a card stands here."""
        return any(card.open for card in self._cards)

    @property
    def commands(self) -> set[str]:
        """The commands whose cards stand here."""
        return {card.command for card in self._cards if card.open}

    @property
    def previews(self) -> list[str]:
        """The previews that are read and changed here, the newest first."""
        return [card.preview for card in self._cards if card.open and isinstance(card, CommandCard)]

    def open(self, kind: Kind, given: Mapping[str, Any]) -> None:
        """Open a fresh card; a command that was sent goes on without its card."""
        self.put(lambda: CommandCard(self._screen, kind, dict(given)))

    def resume(self, kept: PendingPreview) -> None:
        """Go on with a preview where somebody left it."""
        self.put(lambda: CommandCard(self._screen, KINDS[kept.kind], kept.parameters, kept))

    def put(self, make: Callable[[], Card]) -> None:
        """Put another card in place of the present one; a busy one stays, below it."""
        for card in self._cards:
            if card.open and not card.busy:
                card.discard()
        with self._holder:
            fresh = make()
        fresh.panel.move(target_index=0)
        self._cards = [fresh, *(card for card in self._cards if card.open)]
        self._draw()

    def _draw(self) -> None:
        for card in self._cards:
            if card.open:
                card.draw()


def suggestion_list(
    screen: Screen,
    place: CommandCardSlot,
    wanted: Callable[[], Sequence[CommandSuggestion]],
    *,
    explained: bool = False,
) -> Draw:
    """One line per command: those that may go out first, the others below what keeps them.

    `explained`: words beside the list say already that there is none, and why.
    """
    shown: dict[str, Blocked] = {}
    empty = text("" if explained else screen.say("offer.none"), "empty")
    listing = KeyedList(div("offers"), lambda key: _line(screen, place, shown, key), empty)

    def draw() -> None:
        shown.clear()
        shown.update((one.suggestion.key, one) for one in _blocked(screen, wanted()))
        listing.show(list(shown))

    return draw


class Blocked(NamedTuple):
    """An offer with what stands in its way, if anything does."""

    suggestion: CommandSuggestion
    reason: str | None
    first: bool
    """True for the first of all that the same reason keeps: it is said once."""


def _blocked(screen: Screen, found: Sequence[CommandSuggestion]) -> Iterator[Blocked]:
    reasons: dict[str | None, list[CommandSuggestion]] = {None: []}
    for suggestion in found:
        reason = available_commands.reason_against(suggestion, screen.model, screen.user)
        reasons.setdefault(reason, []).append(suggestion)
    for reason, kept in reasons.items():
        for suggestion in kept:
            yield Blocked(suggestion, reason, first=suggestion is kept[0])


def _line(screen: Screen, place: CommandCardSlot, shown: dict[str, Blocked], key: str) -> Draw:
    why = text("", "reason")
    with div("offer", "button") as entry:
        title = text("", "offer-title")
    entry.on("click", lambda: place.open(shown[key].suggestion.entry, shown[key].suggestion.given))
    entry.mark(f"offer-{key.strip().replace(' ', '-')}")
    entry.props(f'data-offer="{shown[key].suggestion.kind}"')

    def draw() -> None:
        suggestion, reason, first = shown[key]
        title.say(words(screen, suggestion))
        summary = screen.say.either(suggestion.entry.summary)
        attribute(entry, "title", f"{summary} — {reason}" if reason else summary)
        why.say(reason or "")
        set_classes(why, hidden=reason is None or not first)
        set_classes(entry, off=reason is not None)

    return draw


def words(screen: Screen, suggestion: CommandSuggestion) -> str:
    """The command as people call it, with what tells it from others of its kind."""
    name = screen.say.either(suggestion.entry.title)
    if not suggestion.detail:
        colour = suggestion.given.get("colour")
        return f"{name}: {screen.say.known('colour', colour)}" if colour else name
    if suggestion.kind == "module-step":
        return f"{name}: {screen.say.either(terms.spoken(suggestion.detail, None, 'does'))}"
    return f"{name}: {screen.say.known('offer', suggestion.detail)}"
