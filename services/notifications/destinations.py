"""Where the receivers of one environment can be reached at this moment."""

from collections.abc import Mapping
from typing import NamedTuple

from omf.notifications.receivers import NotificationAddress, Receiver
from omf.texts import Language
from services.common.store.notification_status import PushBrowser
from services.notifications.receivers_file import LoadedReceivers


class Destination(NamedTuple):
    """One address of a provider, or one browser."""

    receiver: str
    language: Language
    url: str = ""
    """Secret: never for a log, so a destination is not logged either."""
    browser: PushBrowser | None = None


def destinations(
    loaded: LoadedReceivers, environment: str, browsers: Mapping[str, PushBrowser]
) -> dict[str, Destination]:
    """All of them by name: `anna/mail`, `anna/telephone/<browser>`."""
    return {
        key: destination
        for receiver in loaded.file.receivers
        if environment in receiver.environments
        for address in receiver.addresses
        for key, destination in _of(receiver, address, loaded, browsers).items()
    }


def _of(
    receiver: Receiver,
    address: NotificationAddress,
    loaded: LoadedReceivers,
    browsers: Mapping[str, PushBrowser],
) -> dict[str, Destination]:
    key = receiver.key(address)
    if address.url:
        return {key: Destination(receiver.name, receiver.language, url=loaded.urls[address.url])}
    return {
        f"{key}/{browser.id}": Destination(receiver.name, receiver.language, browser=browser)
        for browser in browsers.values()
        if browser.account == address.web_push
    }
