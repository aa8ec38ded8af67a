"""Who is told of alarms outside the house now, which address fails, and what is wrong."""

from services.common.store.notification_status import (
    AddressStatus,
    NotificationStatus,
    ReceiverStatus,
)
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.elements import panel, set_classes, text
from services.ui.widgets.table import Table, column

MAX_FAILING_NAMED = 3
"""Above the list, where a phone shows them; the list has all."""
FAILING = {"cell-warn": "data.failing"}


class NotificationsPanel:
    """What is wrong in a line, and each address of each receiver."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        with panel(screen.say("system.notifications"), "services-now"):
            self._wrong = text("", "hint wrong hidden").props("role=alert").mark("notifications")
            self._table = Table(self._columns(), self._rows(), empty=self._empty(), whole=True)
        screen.live(self.draw)

    def draw(self) -> None:
        """Bring it up to date."""
        self._table.show(self._rows())
        self._table.empty.say(self._empty())
        wrong = self._said_wrong()
        self._wrong.say(wrong)
        set_classes(self._wrong, hidden=not wrong)

    def _empty(self) -> str:
        return self._screen.say("system.notifications.none")

    def _said_wrong(self) -> str:
        status, say = self._screen.model.notifications, self._screen.say
        if status is None:
            return ""
        said = []
        if status.silent(self._screen.model.wall):
            said.append(say("system.notifications.silent"))
        if status.fault:
            said.append(say("system.notifications.fault", what=say.either(status.fault)))
        if status.nobody:
            said.append(say("system.notifications.nobody"))
        every = [address for one in status.receivers for address in one.addresses]
        said += [
            say("system.notifications.fails", address=one.name, what=say.either(one.why))
            for one in every
            if one.failing_since is not None and one.why
        ][:MAX_FAILING_NAMED]
        return " · ".join(said)

    def _rows(self) -> list[Row]:
        status: NotificationStatus | None = self._screen.model.notifications
        if status is None:
            return []
        return [self._row(one, address) for one in status.receivers for address in one.addresses]

    def _row(self, one: ReceiverStatus, address: AddressStatus) -> Row:
        screen, user, say = self._screen, self._screen.user, self._screen.say
        now = "off_duty" if not one.on_duty else "quiet" if one.quiet else "told"
        told = say(f"system.notifications.{now}")
        if one.after_minutes:
            told = f"{told}, {say('system.notifications.after', count=int(one.after_minutes))}"
        why = say.either(address.why) if address.why else ""
        if address.failing_since is not None:
            why = f"{why} ({say('since', time=screen.when(address.failing_since))})"
        return {
            "id": address.name,
            "receiver": one.name,
            "now": told,
            "address": address.name.partition("/")[2],
            "waiting": formats.number(address.waiting, user.language),
            "sent": screen.when(address.sent_at),
            "unknown": formats.number(address.unknown, user.language),
            "wrong": why,
            "failing": bool(why),
        }

    def _columns(self) -> list[dict[str, object]]:
        say, right = self._screen.say, {"type": "rightAligned"}
        return [
            column("receiver", say("column.receiver"), 110),
            column("now", say("column.told_now"), 210, tooltipField="now"),
            column("address", say("column.address"), 120, tooltipField="address"),
            column("waiting", say("column.waiting"), 84, **right),
            column("sent", say("column.last_sent"), 116),
            column("unknown", say("column.arrival_unknown"), 96, **right),
            column("wrong", say("column.wrong"), 0, tooltipField="wrong", cellClassRules=FAILING),
        ]
