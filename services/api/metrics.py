"""What Prometheus learns of the HTTP API."""

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.common.process import clock

ANSWERS = Counter("omf_api_answers", "Answers given", ["route", "method", "status"])
REQUEST_SECONDS = Histogram(
    "omf_api_answer_seconds",
    "From the request to the head of the answer",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
OPEN_STREAMS = Gauge("omf_api_streams", "Open event streams")
ALERTS_TAKEN = Counter("omf_api_alerts", "Alerts of the monitoring that were taken")
ALERTS_REFUSED = Counter("omf_api_alerts_refused", "Bodies that were no webhook of alerts")
SUBMITTED = Counter("omf_api_commands", "Commands handed to orders", ["client"])


class MetricsMiddleware:
    """ASGI middleware: counts and times every answer, also the refused ones."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        began = clock.monotonic()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Only addresses of ours become labels: anybody can invent others.
                route = getattr(scope.get("route"), "path", "other")
                method = scope["method"] if route != "other" else "other"
                ANSWERS.labels(route, method, str(message["status"])).inc()
                REQUEST_SECONDS.labels(route).observe(clock.monotonic() - began)
            await send(message)

        await self.app(scope, receive, send_counted)
