"""What factories cost whose processes are shared: `python -m tests.bench.shared [--counts 1,10]`.

For 1, 10, 50 and 200 mock factories at the factory's own pace: one process of each service for all
of them, one mock process that plays them, one broker with a listener and a mount point for each,
one store. Processor by process, memory of all, and how long the page of all factories takes.
Processor seconds compare between machines; how long the page takes does not where others work too.
"""

import argparse
import os
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.common.store.bus import store
from services.common.store.keys import JOURNAL, buffer_key
from services.supervisor.child import Child
from services.supervisor.engines import program
from services.supervisor.ports import free_port
from services.supervisor.probe import http_get
from services.supervisor.server import LocalServer
from tests.bench.needs import installed, require, server
from tests.bench.report import Row, row, write
from tests.support.processes import Processes, Service, wait_for

COUNTS = (1, 10, 50, 200)
PARTS = ("ingest", "orders", "gateway", "alarms", "historian", "notifications", "mock")
SETTLE_S, MEASURE_S = 15.0, 30.0
START_S = 900.0
SITE_LOOKS = 100
P99_LOOK = 98
PAUSE_S = 0.1
BROKER = """\
user root
allow_anonymous true
log_type error
set_tcp_nodelay true
"""
WORDS = {
    "processor": "of a core, by process, at the factory's own pace",
    "memory in all": "PSS of every process, broker and store too",
    "site page": "from the question to the whole answer, with whatever else the machine does",
}


def names(count: int) -> list[str]:
    """Of the factories."""
    return [f"hall-{number}" for number in range(count)]


def serve_brokers(folder: Path, processes: Processes, count: int) -> tuple[Child, dict[str, str]]:
    """One broker that is a broker of its own for each factory, and their addresses."""
    first = free_port(count=count)
    ports = {name: first + number for number, name in enumerate(names(count))}
    listeners = (
        f"listener {port} 127.0.0.1\nmount_point {name}/\n" for name, port in ports.items()
    )
    conf = folder / "mosquitto.conf"
    conf.write_text(BROKER + "".join(listeners), "utf-8")
    broker = processes.run(str(program("mosquitto")), "-c", str(conf))
    return broker, {name: f"mqtt://127.0.0.1:{port}" for name, port in ports.items()}


def file_of(folder: Path, brokers: dict[str, str]) -> Path:
    """The file of factories."""
    path = folder / "factories.yaml"
    lines = (f"- {{name: {n}, kind: mock, broker: '{url}'}}\n" for n, url in brokers.items())
    path.write_text(f"factories:\n{''.join(lines)}", "utf-8")
    return path


def used_s(pid: int) -> float:
    """Seconds a process has had a processor."""
    told = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def pss_mb(pid: int) -> float:
    """Memory of a process, what it shares counted in parts."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    return sum(int(one.split()[1]) for one in told if one.startswith("Pss:")) / 1024


def measured(count: int, parts: Sequence[str]) -> Iterator[Row]:
    """The rows of one size."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        processes, own = Processes(folder), LocalServer("store", folder / "store")
        kept = own.start()
        try:
            yield from _rows(count, parts, folder, processes, kept, own.url)
        finally:
            processes.close()
            own.kill()


def _rows(
    count: int,
    parts: Sequence[str],
    folder: Path,
    processes: Processes,
    kept: Child,
    store_url: str,
) -> Iterator[Row]:
    broker, brokers = serve_brokers(folder, processes, count)
    name = str(folder)
    told = {"factories": str(file_of(folder, brokers)), "store_url": store_url, "data": name}
    port = free_port()
    run = {part: processes.service(part, environment="*", mock_speed="1", **told) for part in parts}
    pages = {"environments": ",".join(brokers), "ui_port": str(port)}
    run["ui"] = processes.service("ui", environment="hall-0", **told, **pages)
    for service in run.values():
        wait_for(lambda s=service: _serves_all(s) or not s.alive, START_S, service.tail)  # type: ignore[misc]
        assert service.alive, f"ended with {service.returncode}:\n{service.tail()}"
    time.sleep(SETTLE_S)
    pids = {part: service.pid for part, service in run.items()}
    pids |= {"store": kept.pid, "broker": broker.pid}
    client: Any = store(store_url)
    before, sent, began = _spent(pids), _mirrored(client, count), time.monotonic()
    time.sleep(MEASURE_S)
    passed_s = time.monotonic() - began
    rate = (_mirrored(client, count) - sent) / passed_s
    yield row(f"{count} factories, messages", "/s", [rate])
    for part, spent in _spent(pids).items():
        share = (spent - before[part]) / passed_s * 100
        yield row(f"{count} factories, processor of {part}", "% of a core", [share])
    yield row(f"{count} factories, memory in all", "MB", [sum(map(pss_mb, pids.values()))], 0)
    looks = sorted(_look(f"http://127.0.0.1:{port}/site") for _ in range(SITE_LOOKS))
    yield row(f"{count} factories, site page", "ms", looks)
    yield row(f"{count} factories, site page, p99", "ms", [looks[P99_LOOK]])


def _serves_all(service: Service) -> bool:
    return '"wrong": []' in http_get(f"{service.health_url}/health/ready")[1]


def _spent(pids: dict[str, int]) -> dict[str, float]:
    return {part: used_s(pid) for part, pid in pids.items()}


def _mirrored(client: Any, count: int) -> int:
    with client.pipeline(transaction=False) as pipe:
        for name in names(count):
            pipe.xlen(buffer_key(name, JOURNAL))
        return sum(pipe.execute())


def _look(address: str) -> float:
    time.sleep(PAUSE_S)
    began = time.perf_counter()
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - our own child
        answer.read()
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.shared", description=__doc__)
    parser.add_argument("--counts", default=",".join(map(str, COUNTS)))
    parser.add_argument("--parts", default=",".join(PARTS), help="beside the pages; ingest, mock")
    asked = parser.parse_args()
    counts = [int(one) for one in asked.counts.split(",")]
    require("bench-shared", installed("mosquitto", "mosquitto"), server("store"))
    write(
        "shared",
        [one for count in counts for one in measured(count, asked.parts.split(","))],
        {},
        WORDS,
    )


if __name__ == "__main__":
    main()
