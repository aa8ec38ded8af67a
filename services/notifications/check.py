"""`python -m services.notifications --check`: are the files right, and who would be told now."""

from typing import TextIO

from services.common.process import clock
from services.common.process.exit_codes import ExitCode
from services.notifications.receivers_file import ReceiversFileError, load
from services.notifications.settings import NotificationSettings


def check(settings: NotificationSettings, out: TextIO) -> int:
    """Write what is wrong, or a line for each receiver; the exit code."""
    if settings.notifications is None:
        out.write("OMF_NOTIFICATIONS names no file of receivers: nobody is told\n")
        return ExitCode.STOPPED
    try:
        loaded = load(settings.notifications, settings.notifications_urls)
    except ReceiversFileError as error:
        out.write(f"{error}\n")
        return ExitCode.BAD_SETTINGS
    now = clock.now()
    found = loaded.file.at(now, settings.environment, loaded.duty(now))
    for one in found:
        receiver = one.receiver
        told = "would be told now" if one.on_duty else "is not on duty"
        if one.on_duty and one.quiet and receiver.quiet:
            told = f"quiet hours: only up to priority {receiver.quiet.but_priority}"
        if receiver.after_minutes:
            told += f", after {receiver.after_minutes:g} min without acknowledgement"
        ways = ", ".join(address.name for address in receiver.addresses)
        out.write(f"{receiver.name}: {told}; priority up to {receiver.least_priority}; {ways}\n")
    if not any(one.listens for one in found):
        out.write(f"nobody would be told of the gravest alarm of {settings.environment} at once\n")
    return ExitCode.STOPPED
