"""What the service `notifications` is told from outside."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from services.common.process.settings import Named
from services.history.location import ArchiveSettings

PUSH_HOSTS = "fcm.googleapis.com,*.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com"


class NotificationSettings(ArchiveSettings):
    """`OMF_*` variables of the service; without OMF_NOTIFICATIONS it runs and tells nobody."""

    notifications: Annotated[Path | None, Named] = None
    """The file of receivers (docs/notifications.md)."""
    notifications_urls: Annotated[Path | None, Named] = None
    """The secret file of addresses: a name and an Apprise URL a line."""
    notifications_vapid: Annotated[Path | None, Named] = None
    """The private key of Web Push, PEM; made if it is not there. None: no Web Push."""
    notifications_push_hosts: str = Field(default=PUSH_HOSTS)
    """Comma list of the push services that are written to: a browser names its own, and whatever
    else it named would be called from within our network."""
    ui_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Where people reach the pages, as https://omf.example.org:8080; links begin with it."""
