"""What Prometheus learns of the gateway."""

from collections.abc import Callable

from services.common.mqtt.link import LinkState
from services.common.process.factory_metrics import Counter, Gauge, prepared
from services.common.store.keys import ReceiptStage

RECEIPTS = Counter("omf_gateway_receipts", "Outbox entries by what became of them", ["stage"])
CONNECTED = Gauge("omf_gateway_broker_connected", "1 while the broker is connected")
REFUSED_LOGIN = Gauge("omf_gateway_login_refused", "1 while the broker refuses account or password")
UNCERTAIN = Counter(
    "omf_gateway_uncertain_lead", "Publishes held back because the lead had not been renewed"
)
BACKLOG = Gauge("omf_gateway_backlog", "Outbox entries in hand")


@prepared
def _zeros() -> None:
    for stage in ReceiptStage:
        RECEIPTS.labels(stage.value)


def follow(state: Callable[[], LinkState], backlog: Callable[[], int]) -> None:
    """Ask for the link's state and the entries in hand at every scrape."""
    CONNECTED.set_function(lambda: state().connected)
    REFUSED_LOGIN.set_function(lambda: state().login_refused)
    BACKLOG.set_function(backlog)
