"""Figures of the mirror: `python -m tests.bench.ingest [--count N] [--runs N]` (docs/measured.md).

Throughput: the recorded traffic, numbered, QoS 1, sent as fast as the broker acknowledges; from
the first byte sent to the last message dealt with. The contenders take turns on the same broker,
the same store and the same two cores, so a ratio compares wholes: broker, loader and contender.
`omf ingest` puts each message under one id into two buffers, keeps the last value of each topic and
acknowledges afterwards; `mosquitto_sub` prints to nowhere; `naive paho` does one XADD per message;
`Node-RED` and `mq-bridge` append to one stream (peers).
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

from services.common.process import clock
from services.supervisor.child import Child
from services.supervisor.engines import program
from services.supervisor.ports import free_port
from services.supervisor.probe import broker_answers
from services.supervisor.server import LocalServer
from tests.bench.cost import cost_ratios, cost_rows
from tests.bench.latency import idle_rows, latency_rows
from tests.bench.mirrors import Contender, Mirror, Naive, Subscriber, load
from tests.bench.needs import installed, recordings, require, server
from tests.bench.peers import MqBridge, NodeRed, install
from tests.bench.report import Row, row, write
from tests.support.processes import base_env, wait_for

RUNS = 5
COUNT = 40_000
NAIVE_SHARE = 5
"""The naive one is so slow that a fifth of the load is enough to know it."""
DONE_S = 120.0
CONFIG = """\
listener {port} 127.0.0.1
user root
allow_anonymous true
max_inflight_messages {inflight}
max_queued_messages 0
log_type error
"""
CONTENDERS: dict[str, Callable[[Path, str, str, int], Contender]] = {
    "omf ingest": Mirror,
    "mosquitto_sub": lambda folder, mqtt, _store, count: Subscriber(folder, mqtt, count),
    "Node-RED": NodeRed,
    "mq-bridge": MqBridge,
    "naive paho": Naive,
}
MEANING = {
    "omf ingest": "one id, two or more buffers, last value and counters in one atomic step, PUBACK",
    "mosquitto_sub": "receives and prints to nowhere: what the broker can deliver to a C client",
    "Node-RED": "one stream, no ids of its own, acknowledged before it is written",
    "mq-bridge": "one stream, acknowledged after it is written; what comes again is not known",
    "naive paho": "one XADD in on_message",
    "publish to readable": "sender and reader share one clock; the rate is that of the sender",
    "processor at": "of the ingest process, at the rate of a real factory",
    "memory at": "resident, of the ingest process",
    "cost per message": "processor time of ingest and store together, load and broker left out",
    "mirror_vs": "our median over theirs, broker, load and contender on the same cores",
    "cost_": "of the medians above: 1 is the same cost",
}
RATIOS = {
    "mirror_vs_mosquitto_sub": "mosquitto_sub",
    "mirror_vs_nodered": "Node-RED",
    "mirror_vs_mqbridge": "mq-bridge",
    "mirror_vs_naive": "naive paho",
}


def tell(text: str) -> None:
    """Say what goes on, beside the table."""
    sys.stderr.write(text + "\n")


def broker(folder: Path, inflight: int = 1000) -> tuple[Child, str]:
    """A mosquitto that keeps nothing on disk: the contenders are measured, not its disk."""
    port = free_port()
    config = folder / f"bench-{port}.conf"
    config.write_text(CONFIG.format(port=port, inflight=inflight), "utf-8")
    child = Child(
        [str(program("mosquitto")), "-c", str(config)], folder / "mosquitto.log", base_env({})
    )
    url = f"mqtt://127.0.0.1:{port}"
    wait_for(lambda: broker_answers(url))
    return child, url


def one_run(name: str, folder: Path, store_url: str, count: int) -> float:
    """Messages per second of one contender; a lost or doubled message ends the bench."""
    mosquitto, mqtt_url = broker(folder)
    try:
        contender = CONTENDERS[name](folder, mqtt_url, store_url, count)
        try:
            with load(mqtt_url.rpartition(":")[2], count) as loader:
                assert loader.stdin
                assert loader.stdout
                loader.stdin.write("\n")
                loader.stdin.flush()
                began = float(loader.stdout.readline())
                wait_for(contender.done, DONE_S)
                took_s = clock.now() - began
        finally:
            contender.child.stop()
        if isinstance(contender, Mirror) and (wrong := contender.check()):
            raise SystemExit(f"not every message once: {wrong}")
    finally:
        mosquitto.kill()
    return count / took_s


def throughput(folder: Path, store_url: str, count: int, runs: int) -> dict[str, list[float]]:
    """Samples of every contender that can run here, taken in turns."""
    missing = install()
    if not program("mosquitto_sub"):
        missing["mosquitto_sub"] = "not installed (package mosquitto-clients)"
    for name, why in missing.items():
        tell(f"not compared: {name}: {why}")
    names = [name for name in CONTENDERS if name not in missing]
    samples: dict[str, list[float]] = defaultdict(list)
    for number in range(runs):
        for name in names:
            share = count // NAIVE_SHARE if name == "naive paho" else count
            samples[name].append(one_run(name, folder, store_url, share))
            tell(f"run {number + 1}: {name} {samples[name][-1]:,.0f} messages/s")
    return samples


def ratios(samples: dict[str, list[float]]) -> dict[str, float]:
    """Medians of ours over medians of the others."""
    ours = median(samples["omf ingest"])
    return {k: round(ours / median(samples[v]), 3) for k, v in RATIOS.items() if samples.get(v)}


def main() -> None:
    """Take all figures and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--runs", type=int, default=RUNS)
    chosen = parser.parse_args()
    require("bench-ingest", recordings(), installed("mosquitto", "mosquitto"), server("store"))
    folder = Path(tempfile.mkdtemp(prefix="omf-bench-"))
    store = LocalServer("store", folder / "store")
    store.start()
    try:
        samples = throughput(folder, store.url, chosen.count, chosen.runs)
        rows: list[Row] = [row(name, "messages/s", found, 0) for name, found in samples.items()]
        mosquitto, mqtt_url = broker(folder)
        rows += latency_rows(folder, mqtt_url, store.url, chosen.runs)
        rows += idle_rows(folder, mqtt_url, store.url)
        mosquitto.kill()
        costs = cost_rows(store.url)
    finally:
        store.kill()
        shutil.rmtree(folder, ignore_errors=True)
    path = write("ingest", rows + costs, {**ratios(samples), **cost_ratios(costs)}, MEANING)
    tell(f"{path}: {len(json.loads(path.read_text('utf-8'))['rows'])} rows")


if __name__ == "__main__":
    main()
