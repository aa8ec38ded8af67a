"""What Prometheus learns of the HTTP door."""

from prometheus_client import Counter, Gauge, Histogram

ANSWERS = Counter("omf_api_answers", "Answers given", ["route", "method", "status"])
SECONDS = Histogram(
    "omf_api_answer_seconds",
    "From the request to the head of the answer",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
STREAMS = Gauge("omf_api_streams", "Open event streams")
SUBMITTED = Counter("omf_api_commands", "Commands handed to orders", ["client"])
