"""What Prometheus learns of the gateway."""

from prometheus_client import Counter, Gauge

from services.common.streams import Link, ReceiptStage

RECEIPTS = Counter("omf_gateway_receipts", "Outbox entries by what became of them", ["stage"])
CONNECTED = Gauge("omf_gateway_broker_connected", "1 while the broker is connected")
BACKLOG = Gauge("omf_gateway_backlog", "Outbox entries in hand")
DEAD = Gauge("omf_gateway_dead_letters", "Outbox entries given up since the start")

for _stage in ReceiptStage:
    RECEIPTS.labels(_stage.value)


def show(link: Link, dead: int) -> None:
    """Take over the present figures."""
    CONNECTED.set(link.connected)
    BACKLOG.set(link.queue)
    DEAD.set(dead)
