"""`omf notifications`: each address, and an exit code when somebody must look."""

import pytest

from omf.texts import text, verbatim
from services.cli import notifications
from services.common.store.notification_status import (
    AddressStatus,
    NotificationStatus,
    ReceiverStatus,
)

REFUSED = text("notification_fault.refused", status=401)


def _receiver(*, on_duty: bool = True) -> ReceiverStatus:
    failing = AddressStatus(name="anna/mail", waiting=3, failing_since=5.0, why=REFUSED)
    return ReceiverStatus(
        name="anna",
        on_duty=on_duty,
        quiet=False,
        after_minutes=0.0,
        least_priority=2,
        addresses=(failing,),
    )


def test_a_row_says_who_is_told_where_and_what_is_wrong() -> None:
    one = _receiver()
    row = notifications._row(one, one.addresses[0])
    assert row[:4] == ("anna", "told", "anna/mail", 3)
    assert "401" in row[-1]
    assert notifications._row(_receiver(on_duty=False), one.addresses[0])[1] == "off duty"


@pytest.mark.parametrize(
    ("status", "now", "said"),
    [
        (NotificationStatus(at=100.0), 101.0, ""),
        (NotificationStatus(at=100.0), 200.0, "is away"),
        (NotificationStatus(at=100.0, fault=verbatim("line 3")), 101.0, "line 3"),
        (NotificationStatus(at=100.0, nobody=True), 101.0, "nobody would be told"),
    ],
)
def test_what_needs_a_look_is_said(status: NotificationStatus, now: float, said: str) -> None:
    found = notifications._wrong(status, now)
    assert said in found
    assert bool(found) is bool(said)
