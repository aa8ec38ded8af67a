"""From the publish of a message until it can be read in a buffer, and what idling costs.

Sender and reader are threads of this process, so both use one clock. The rate is odd, for a round
one would fall into step with other clocks.
"""

import json
import threading
import time
from pathlib import Path
from statistics import quantiles

from services.common.store.bus import store
from services.common.store.keys import buffer_key
from tests.bench.load import Publisher, publish
from tests.bench.mirrors import Mirror
from tests.bench.report import Row, row

RATES = (487, 4870)
SECONDS = 4
IDLE_RATE, IDLE_S = 5, 20
TOPIC = "module/v1/ff/BENCH/state"
FILTER = "module/v1/ff/+/state"
PAD = "x" * 550
CLOCK_TICKS = 100


def measure(mqtt_url: str, store_url: str, rate: float, seconds: float) -> list[float]:
    """Milliseconds from publish to readable, of each message."""
    client, name = store(store_url), buffer_key("mock", FILTER)
    count, took_ms = int(rate * seconds), []
    start = client.xinfo_stream(name)["last-generated-id"] if client.exists(name) else "0-0"
    sender = threading.Thread(target=send, args=(mqtt_url, rate, count), daemon=True)
    sender.start()
    while len(took_ms) < count:
        found = client.xread({name: start}, count=1000, block=5000)
        now = time.time()
        entries = next(iter(found.values()))[0] if isinstance(found, dict) else found[0][1]
        took_ms += [(now - json.loads(fields[b"p"])["t"]) * 1e3 for _, fields in entries]
        start = entries[-1][0]
    sender.join()
    return took_ms


def send(mqtt_url: str, rate: float, count: int) -> None:
    """Send messages that carry the time of their sending."""
    publisher = Publisher(int(mqtt_url.rpartition(":")[2]))
    began = time.monotonic()
    for number in range(count):
        while (wait := began + number / rate - time.monotonic()) > 0:
            time.sleep(wait)
        payload = json.dumps({"t": time.time(), "n": number, "pad": PAD}).encode()
        publisher.send(publish(TOPIC.encode(), payload, number % 65535 + 1))
    publisher.finish(count)


def latency_rows(folder: Path, mqtt_url: str, store_url: str, runs: int) -> list[Row]:
    """Median and 99th percentile at a lively and at a wild rate, each of several runs."""
    mirror = Mirror(folder, mqtt_url, store_url, 0)
    rows = []
    measure(mqtt_url, store_url, RATES[0], 1)
    for rate in RATES:
        cuts = [quantiles(measure(mqtt_url, store_url, rate, SECONDS), n=100) for _ in range(runs)]
        rows.append(row(f"publish to readable at {rate}/s, p50", "ms", [c[49] for c in cuts]))
        rows.append(row(f"publish to readable at {rate}/s, p99", "ms", [c[98] for c in cuts]))
    mirror.child.stop()
    return rows


def idle_rows(folder: Path, mqtt_url: str, store_url: str) -> list[Row]:
    """Processor and memory of ingest at the factory's own rate."""
    mirror = Mirror(folder, mqtt_url, store_url, 0)
    sender = threading.Thread(target=send, args=(mqtt_url, IDLE_RATE, IDLE_RATE * IDLE_S))
    before, began = _cpu_s(mirror.child.pid), time.monotonic()
    sender.start()
    sender.join()
    used = (_cpu_s(mirror.child.pid) - before) / (time.monotonic() - began)
    resident = _resident_mb(mirror.child.pid)
    mirror.child.stop()
    return [
        row(f"processor at {IDLE_RATE} messages/s", "% of a core", [used * 100]),
        row(f"memory at {IDLE_RATE} messages/s", "MB", [resident], 1),
    ]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
