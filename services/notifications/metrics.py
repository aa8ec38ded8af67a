"""What Prometheus learns of notifications; an address is named as in the file, never by its URL."""

from collections.abc import Collection, Mapping

from services.common.process.factory_metrics import Counter, Gauge, Histogram
from services.notifications.outbox import Outbox

NOTIFICATIONS_SENT = Counter("omf_notifications_sent", "Notifications a provider took", ["address"])
NOTIFICATION_FAILURES = Counter(
    "omf_notification_failures", "Attempts a provider did not take", ["address"]
)
NOTIFICATIONS_UNKNOWN = Counter(
    "omf_notifications_unknown", "Notices of which nobody knows whether they arrived"
)
NOTICES_WAITING = Gauge("omf_notices_waiting", "Notices that are not sent yet", ["address"])
ADDRESS_FAILING = Gauge(
    "omf_notification_address_failing", "1 while the last attempt failed", ["address"]
)
ADDRESSES_FAILING = Gauge(
    "omf_notification_addresses_failing", "Addresses whose last attempt failed"
)
NOTIFICATION_SECONDS = Histogram(
    "omf_notification_seconds",
    "From the begin of an attempt to the answer of a provider that took it",
    buckets=(0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 10, 30),
)
NOBODY_LISTENS = Gauge(
    "omf_notifications_nobody", "1 while no receiver would be told of the gravest alarm at once"
)
RECEIVERS_FAULT = Gauge(
    "omf_notifications_file_fault", "1 while the file of receivers as it stands is not used"
)


def show_addresses(outbox: Outbox, known: Collection[str]) -> None:
    """How each address does; one that is no more is shown no more."""
    waiting: Mapping[str, int] = outbox.waiting()
    for gauge in (NOTICES_WAITING, ADDRESS_FAILING):
        gauge.clear()
    failing = [one for one in known if outbox.record(one).failing_since is not None]
    ADDRESSES_FAILING.set(len(failing))
    for address in known:
        NOTICES_WAITING.labels(address).set(waiting.get(address, 0))
        ADDRESS_FAILING.labels(address).set(address in failing)
