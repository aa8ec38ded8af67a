"""The message of a command on its card, folded away: topic, payload, bytes, what was edited."""

from collections.abc import Callable, Iterator
from uuid import UUID

from omf.commands import CONTROLS, FREE_MESSAGE, KINDS, Plan
from omf.messages import json_diff
from omf.messages.edited import EditedMessages
from omf.messages.json_diff import Difference
from services.ui.live.screen import Screen
from services.ui.widgets.command_card import parts
from services.ui.widgets.command_card.message_editor import MessageEditor
from services.ui.widgets.elements import div, fold, set_classes
from services.ui.widgets.tabs import Tabs

VIEWS = ("pretty", "exact", "diff", "edit")
MakePlan = Callable[[], Plan | None]


class CardMessage:
    """Opened by choice; what is shown is what would go out, except what sending fills in."""

    def __init__(self, screen: Screen, kind: str, plans: tuple[MakePlan, MakePlan]) -> None:
        """`plans` make it as it is without edits: with the ids of the card, with other ids, times.

        The first is asked for once here: it is what the card opened with.
        """
        self._screen = screen
        self._made, self._again = plans
        self._first = self._made()
        self._plan: Plan | None = None
        self._kind = kind
        self._editor: MessageEditor | None = None
        self._changed: Callable[[], None] = lambda: None
        with fold(screen.say("command.message"), "card-message") as self._whole:
            self._where = div("card-part")
            names = {view: screen.say(f"command.view.{view}") for view in VIEWS}
            self._view = Tabs(names, VIEWS[0], lambda _: self._turn())
            self._view.show("edit", visible=self._editable)
            self._payload, self._edit = div("card-part"), div("card-part hidden")

    @property
    def _editable(self) -> bool:
        """Whoever may send any message may change this one; a free one is typed as it is."""
        fixed = self._kind in CONTROLS or self._kind == FREE_MESSAGE
        return not fixed and self._screen.user.may(KINDS[FREE_MESSAGE].role)

    def on_edit(self, changed: Callable[[], None]) -> None:
        """`changed` is called with every change of a message."""
        self._changed = changed

    def edited(self, ids: str) -> EditedMessages | None:
        """What was edited; None if nothing is. `ids` are what the card's ids are made of."""
        found = self._editor.messages if self._editor else ()
        return EditedMessages(ids=UUID(ids), messages=found) if found else None

    def restore(self, edited: EditedMessages) -> None:
        """Go on with an edit that was begun elsewhere."""
        self._view.choose("edit")
        if self._editor:
            self._editor.fill(edited.messages)

    def made_anew(self) -> None:
        """What the message is made of has changed: an edit of the former one is none of this."""
        self._editor = None
        self._edit.clear()
        if self._view.chosen == "edit":
            self._view.choose(VIEWS[0])

    def lock(self, *, locked: bool) -> None:
        """What is on its way is not edited any more."""
        self._view.show("edit", visible=self._editable and not locked)
        if locked and self._view.chosen == "edit":
            self._view.choose(VIEWS[0])

    def draw(self, plan: Plan | None) -> None:
        """Show this plan; hidden without one, unless it is an edit that prevents it."""
        set_classes(self._whole, hidden=plan is None and self._editor is None)
        self._plan = plan
        if plan:
            self._where.clear()
            with self._where:
                parts.where(self._screen, plan)
            self._fill()

    def _turn(self) -> None:
        editing = self._view.chosen == "edit"
        set_classes(self._payload, hidden=editing)
        set_classes(self._edit, hidden=not editing)
        if editing and self._editor is None and (made := self._made()):
            with self._edit:
                self._editor = MessageEditor(self._screen, made, self._changed, self._take_back)
        self._fill()

    def _take_back(self) -> None:
        self.made_anew()
        self._changed()

    def _fill(self) -> None:
        if self._plan is None or self._view.chosen == "edit":
            return
        self._payload.clear()
        with self._payload:
            if self._view.chosen == "diff":
                parts.changes(self._screen, list(self._differences(self._plan)))
            else:
                self._sent(self._plan)

    def _differences(self, plan: Plan) -> Iterator[Difference]:
        for old, new in zip(self._first.steps if self._first else (), plan.steps, strict=False):
            if old.topic != new.topic:
                yield Difference("topic", old.topic, new.topic)
            before, after = json_diff.parsed(old.payload), json_diff.parsed(new.payload)
            if (before is None or after is None) and old.payload != new.payload:
                yield Difference("payload", old.payload, new.payload)
            else:
                yield from json_diff.between(before, after)

    def _sent(self, plan: Plan) -> None:
        parts.payload(self._screen, plan, exact=self._view.chosen == "exact")
        if (made := self._made()) and (other := self._again()):
            parts.protected(self._screen, parts.made_by_us(made, other))
