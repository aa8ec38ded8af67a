"""Sending to browsers by Web Push (RFC 8030, 8291, 8292); the only module that knows pywebpush."""

import base64
import json
import os
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from omf.notifications.decision import AlarmPhase
from omf.notifications.wording import Notification
from omf.texts import Text, text
from services.common.store.notification_status import PushBrowser

PUSH_TIMEOUT_S = 10.0
KEPT_S = 24 * 3600
"""So long a push service keeps it for a phone that is off."""
MAX_PUSH_BYTES = 3000
"""Of 4096 a push service must take, the rest is encryption."""
GONE = (404, 410)


class PushOutcome(NamedTuple):
    """What became of one push."""

    why: Text | None = None
    """None: taken."""
    gone: bool = False
    """The browser has unsubscribed: it is never told again."""


class WebPushSender:
    """Signs with one key; safe to be called from several threads."""

    def __init__(self, key_file: Path, hosts: str, pages: str) -> None:
        """`hosts` is the comma list of push services written to, `*` stands for anything.

        `pages` is where the pages are reached: its host tells a push service who writes to it.

        OSError or ValueError where the key can neither be read nor made.
        """
        self._hosts = [one.strip() for one in hosts.split(",") if one.strip()]
        host = urlsplit(pages).hostname or ""
        self._contact = f"mailto:omf@{host if '.' in host else 'omf.invalid'}"
        self._key = _key(key_file)

    @cached_property
    def public_key(self) -> str:
        """As a browser wants it: the point, uncompressed, base64url."""
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            Encoding,
            PublicFormat,
        )

        point = self._key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def send(self, browser: PushBrowser, notification: Notification) -> PushOutcome:
        """Hand it to the browser's push service and wait for its answer."""
        import requests  # noqa: PLC0415
        from pywebpush import WebPushException, webpush  # noqa: PLC0415

        host = urlsplit(browser.endpoint).hostname or ""
        if not any(fnmatch(host, allowed) for allowed in self._hosts):
            return PushOutcome(text("notification_fault.push_host", host=host))
        urgency = "high" if notification.phase is AlarmPhase.RAISED else "normal"
        subscription = {
            "endpoint": browser.endpoint,
            "keys": {"p256dh": browser.p256dh, "auth": browser.auth},
        }
        try:
            webpush(
                subscription,
                _data(notification),
                vapid_private_key=self._key,
                vapid_claims={"sub": self._contact},
                ttl=KEPT_S,
                headers={"Urgency": urgency},
                timeout=PUSH_TIMEOUT_S,
            )
        except WebPushException as error:
            status = error.response.status_code if error.response is not None else 0
            if not status:  # a subscription that is none
                return PushOutcome(text("notification_fault.not_an_address"), gone=True)
            refused = text("notification_fault.refused", status=status)
            return PushOutcome(refused, gone=status in GONE)
        except requests.RequestException:
            return PushOutcome(text("notification_fault.unreachable"))
        except (ValueError, TypeError):  # keys of the browser that are none
            return PushOutcome(text("notification_fault.not_an_address"), gone=True)
        return PushOutcome()


def _data(notification: Notification) -> str:
    told = {"title": notification.title[:200], "url": notification.link}
    room = MAX_PUSH_BYTES - len(json.dumps(told).encode())
    body = notification.body.encode()[: room // 2].decode(errors="ignore")
    return json.dumps({**told, "body": body}, ensure_ascii=False)


def _key(path: Path) -> Any:
    """The key of the file; of two processes that find none, one makes it and both use it."""
    from py_vapid import Vapid02, VapidException  # noqa: PLC0415

    if not path.exists():
        made = Vapid02()
        made.generate_keys()
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f"{path.name}.{uuid4().hex}")
        own.touch(0o600)
        own.write_bytes(made.private_pem())
        try:
            os.link(own, path)
        except FileExistsError:
            pass  # another one was faster
        finally:
            own.unlink()
    try:
        return Vapid02.from_pem(path.read_bytes())
    except (ValueError, VapidException):
        raise ValueError(f"{path} holds no private key of P-256 as PEM; delete it") from None
