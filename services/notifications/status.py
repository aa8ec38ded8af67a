"""What the service says of itself: who would be told now, and which address fails."""

from collections.abc import Mapping

from omf.notifications.receivers import NotificationAddress, ReceiverNow
from omf.texts import Text, text
from services.common.store.notification_status import (
    AddressStatus,
    NotificationStatus,
    ReceiverStatus,
)
from services.notifications.destinations import Destination
from services.notifications.outbox import Outbox


def status_of(
    receivers: list[ReceiverNow],
    known: Mapping[str, Destination],
    outbox: Outbox,
    *,
    at: float,
    fault: Text | None,
    push_key: str,
) -> NotificationStatus:
    """How it stands with everybody at a moment."""
    waiting = outbox.waiting()

    def address(one: ReceiverNow, given: NotificationAddress) -> list[AddressStatus]:
        lead = one.receiver.key(given)
        names = [name for name in known if name == lead or name.startswith(f"{lead}/")]
        if not names:
            return [AddressStatus(name=lead, why=text("notification_fault.no_browser"))]
        return [_address(name, outbox, waiting[name]) for name in names]

    said = tuple(
        ReceiverStatus(
            name=one.receiver.name,
            on_duty=one.on_duty,
            quiet=one.quiet,
            after_minutes=one.receiver.after_minutes,
            least_priority=one.receiver.least_priority,
            addresses=tuple(a for given in one.receiver.addresses for a in address(one, given)),
        )
        for one in receivers
    )
    return NotificationStatus(
        at=at,
        receivers=said,
        fault=fault,
        nobody=bool(receivers) and not any(one.listens for one in receivers),
        push_key=push_key,
    )


def _address(name: str, outbox: Outbox, waiting: int) -> AddressStatus:
    record = outbox.record(name)
    return AddressStatus(
        name=name,
        waiting=waiting,
        failing_since=record.failing_since,
        why=record.why,
        sent_at=record.sent_at,
        unknown=record.unknown,
        dropped=record.dropped,
    )
