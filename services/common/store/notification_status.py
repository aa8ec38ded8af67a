"""What is told outside, as the service `notifications` says it, and the browsers it tells."""

from hashlib import sha256
from hmac import compare_digest

from pydantic import Field

from omf.texts import Language, Text
from services.common.store.bus import Bus
from services.common.store.entries import all_readable, readable
from services.common.store.keys import StreamModel

NOTIFICATIONS = "notifications"
BROWSERS = "notifications:browsers"
NOTIFICATIONS_EVERY_S = 2.0
MAX_BROWSERS = 20
"""Of one account."""


class AddressStatus(StreamModel):
    """One address of a receiver, without what is secret of it."""

    name: str
    waiting: int = 0
    """Notices that are not sent yet."""
    failing_since: float | None = None
    why: Text | None = None
    sent_at: float | None = None
    unknown: int = 0
    """Notices of which nobody knows whether they arrived: the process was killed while it sent."""
    dropped: int = 0
    """Notices that were given up, for too many waited or the address was taken out of the file."""


class ReceiverStatus(StreamModel):
    """One receiver at this moment."""

    name: str
    on_duty: bool
    quiet: bool
    after_minutes: float
    least_priority: int
    addresses: tuple[AddressStatus, ...] = ()


class NotificationStatus(StreamModel):
    """Of one environment; times are Unix s of the store's clock."""

    at: float
    receivers: tuple[ReceiverStatus, ...] = ()
    fault: Text | None = None
    """Why the file of receivers as it stands is not used: the one before it still is."""
    nobody: bool = False
    """There are receivers, and none would be told at once of the gravest alarm."""
    push_key: str = ""
    """Public key under which a browser subscribes; "" where Web Push is not set up."""

    def silent(self, now: float) -> bool:
        """True if the service would have said something since."""
        return abs(now - self.at) > 5 * NOTIFICATIONS_EVERY_S


class PushBrowser(StreamModel):
    """A browser that a signed-in person subscribed."""

    account: str
    endpoint: str = Field(max_length=2000, pattern=r"^https?://\S+$")
    p256dh: str = Field(max_length=200)
    auth: str = Field(max_length=100)
    language: Language = "en"
    at: float = 0.0

    @property
    def id(self) -> str:
        """Tells it from every other one, and nothing of its secret."""
        return browser_id(self.endpoint)

    def may_change(self, account: str, auth: str) -> bool:
        """True for its person, and for whoever sits at it: its secret never left that browser."""
        secret, given = self.auth.encode(), auth.encode(errors="replace")
        return account == self.account or compare_digest(secret, given)


def browser_id(endpoint: str) -> str:
    """The id of the browser that is reached there."""
    return sha256(endpoint.encode()).hexdigest()[:12]


async def tell_notifications(bus: Bus, status: NotificationStatus) -> None:
    """Write it; the service `notifications` alone does."""
    await bus.call(bus.client.set(bus.key(NOTIFICATIONS), status.model_dump_json()))


async def read_notifications(bus: Bus) -> NotificationStatus | None:
    """What was said last; None where nothing is configured."""
    return readable(NotificationStatus, await bus.call(bus.client.get(bus.key(NOTIFICATIONS))))


async def read_browsers(bus: Bus) -> dict[str, PushBrowser]:
    """All subscribed browsers, by id."""
    found = await bus.call(bus.client.hvals(bus.key(BROWSERS)))
    return {browser.id: browser for browser in all_readable(PushBrowser, found)}


async def keep_browser(bus: Bus, browser: PushBrowser) -> bool:
    """It is told from now on; False if the account has too many already."""
    others = await read_browsers(bus)
    own = [one for one in others.values() if one.account == browser.account]
    if browser.id not in others and len(own) >= MAX_BROWSERS:
        return False
    value = browser.model_dump_json()
    await bus.call(bus.client.hset(bus.key(BROWSERS), browser.id, value))
    return True


async def forget_browser(bus: Bus, name: str) -> None:
    """The one with this id is not told any more: the person said so, or its push service."""
    await bus.call(bus.client.hdel(bus.key(BROWSERS), name))
