"""Sending by Apprise: mail, webhook, messenger, SMS; the only module that knows it.

Nothing of an address leaves this module: what Apprise logs may name it, so it is heard and not
passed on.
"""

import logging
import re
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from omf.notifications.decision import AlarmPhase
from omf.notifications.wording import Attachment, Notification
from omf.texts import Text, text

_STATUS = re.compile(r"\berror[ =:]+(\d{3})\b", re.IGNORECASE)
_heard = threading.local()


class _Listener(logging.Handler):
    """Keeps the HTTP status a provider refused with, for the thread that sends."""

    def emit(self, record: logging.LogRecord) -> None:
        if found := _STATUS.search(record.getMessage()):
            _heard.status = found[1]


@cache
def _apprise() -> Any:
    """The library, once somebody is told by it: it takes a second and tens of megabytes."""
    import apprise  # noqa: PLC0415

    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.handlers = [_Listener()]
    return apprise


def targets(url: str) -> int:
    """How many the URL reaches by itself; 0 if no provider of that kind exists or it lacks a part.

    Several would be told again when one of them fails.
    """
    plugin = _plugin(url)
    return 0 if plugin is None else len(plugin)


def send_by_apprise(url: str, notification: Notification) -> Text | None:
    """Hand it to the provider and wait for its answer; None if it took it, else why not."""
    apprise = _apprise()
    kinds: dict[AlarmPhase | None, Any] = {
        AlarmPhase.RAISED: apprise.NotifyType.FAILURE,
        AlarmPhase.OVER: apprise.NotifyType.SUCCESS,
    }
    _heard.status = ""
    plugin = _plugin(url)
    if plugin is None:
        return text("notification_fault.not_an_address")
    kind = kinds.get(notification.phase, apprise.NotifyType.INFO)
    try:
        more = _attached(apprise, plugin, notification.attachments)
        taken = plugin.notify(
            body=notification.body,
            title=notification.title,
            notify_type=kind,
            body_format=apprise.NotifyFormat.TEXT,
            **more,
        )
    except Exception:  # noqa: BLE001 - a plugin of a hundred; its words may name the address
        taken = False
    if taken:
        return None
    if _heard.status:
        return text("notification_fault.refused", status=_heard.status)
    return text("notification_fault.unreachable")


def _attached(apprise: Any, plugin: Any, files: Sequence[Attachment]) -> dict[str, Any]:
    """The files for a provider that takes any; the others have the link in the text."""
    if not files or not plugin.attachment_support:
        return {}
    attachment = apprise.AppriseAttachment()
    for one in files:
        held = apprise.attachment.memory.AttachMemory(
            content=one.content, name=one.name, mimetype="application/pdf"
        )
        attachment.add(held)
    return {"attach": attachment}


def _plugin(url: str) -> Any:
    apprise = _apprise()
    asset = apprise.AppriseAsset(app_id="OMF", app_desc="OMF Dashboard", async_mode=False)
    plugin = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is not None and plugin.overflow_mode == apprise.OverflowMode.UPSTREAM:
        # What is too long for a provider would be refused, and all that comes after it would wait.
        plugin.overflow_mode = apprise.OverflowMode.TRUNCATE
    return plugin
