"""`omf notifications`: who would be told of alarms now, and how it goes with each address."""

from typing import Any

from services.cli import rows
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, say, table
from services.cli.rows import clock_time
from services.common.store.notification_status import (
    AddressStatus,
    NotificationStatus,
    ReceiverStatus,
    read_notifications,
)

NOTIFICATION_COLUMNS = ("receiver", "now", "address", "waiting", "sent", "unknown", "what is wrong")


def command(
    *,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print each receiver and address: told now or not, what waits, when it was last reached.

    Exit 1 while the file of receivers has a fault, the service is away, or nobody would be told of
    the gravest alarm at once. `python -m services.notifications --check` looks at files.
    """

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            status, now = await read_notifications(bus), await bus.time()
        if status is None:
            say("nobody is told: OMF_NOTIFICATIONS names no file of receivers")
            return
        if as_json:
            data(status.model_dump(mode="json"))
        else:
            table(NOTIFICATION_COLUMNS, [_row(r, a) for r in status.receivers for a in r.addresses])
        if wrong := _wrong(status, now):
            fail(wrong)

    finish(work())


def _wrong(status: NotificationStatus, now: float) -> str:
    if status.silent(now):
        return "the service notifications is away: start it, or look into its log"
    if status.fault:
        return f"the file of receivers as it stands is not used: {rows.words(status.fault)}"
    return "nobody would be told of the gravest alarm at once" if status.nobody else ""


def _row(receiver: ReceiverStatus, address: AddressStatus) -> tuple[Any, ...]:
    told = "off duty" if not receiver.on_duty else "quiet hours" if receiver.quiet else "told"
    if receiver.after_minutes:
        told += f" after {receiver.after_minutes:g} min"
    sent = clock_time(address.sent_at) if address.sent_at else ""
    why = rows.words(address.why) if address.why else ""
    return (receiver.name, told, address.name, address.waiting, sent, address.unknown, why)
