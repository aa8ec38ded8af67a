"""What Prometheus is told about the pages."""

from prometheus_client import Counter, Gauge, Histogram

OPEN_PAGES = Gauge("omf_ui_pages", "Open pages whose browser is connected.")
KEPT_PAGES = Gauge("omf_ui_kept_pages", "Pages in memory, with those whose browser may come back.")
TICK_SECONDS = Histogram(
    "omf_ui_tick_seconds",
    "Time one round over all open pages took.",
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.5, 1, 3),
)
TURNED_AWAY = Counter("omf_ui_turned_away", "Page requests refused because too many were waiting.")
