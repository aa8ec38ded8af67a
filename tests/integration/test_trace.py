"""A command leaves one trace over all processes it passed, at a real receiver of OTLP."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.circle import World
from tests.support.processes import Processes, Service, base_env, wait_for
from tests.support.servers import Addresses
from tests.support.system import omf

pytestmark = pytest.mark.alike

WHOLE = {
    ("omf-cli", "command asked"),
    ("omf-orders", "orders decides"),
    ("omf-gateway", "gateway publishes"),
    ("omf-orders", "effect"),
}


class Receiver:
    """What an OpenTelemetry collector takes in: spans with the name of their service."""

    def __init__(self) -> None:
        received = self.spans = []  # type: ignore[var-annotated]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                for one in ExportTraceServiceRequest.FromString(body).resource_spans:
                    named = {a.key: a.value.string_value for a in one.resource.attributes}
                    spans = (span for scope in one.scope_spans for span in scope.spans)
                    received.extend((named["service.name"], span) for span in spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


def logged(service: Service) -> list[dict[str, object]]:
    return [json.loads(line) for line in service.log.read_text("utf-8").splitlines()]


def test_a_command_is_one_trace_and_a_collector_that_is_away_stops_nothing(
    processes: Processes, servers: Addresses, receiver: Receiver
) -> None:
    with World(processes, servers) as world:
        started = [world.start(name, otel_endpoint=receiver.url) for name in ("orders", "gateway")]
        for service in started:
            service.wait_ready()
        words = ("send", "production-order", "type=WHITE", "--wait", "30", "--command-id", "t-1")
        env = {"OMF_STORE_URL": servers.store_url, "OMF_MQTT_URL": servers.mqtt_url}
        sent = omf(*words, **env, OMF_OTEL_ENDPOINT=receiver.url)
        assert sent.returncode == 0, sent.stderr
        wait_for(lambda: {(who, s.name) for who, s in receiver.spans} >= WHOLE)
        receiver.close()
        world.desk.order("t-2", "RED")  # another wish, so that nobody has to wait
        assert world.desk.final("t-2").stage == "effect"
        assert [service.stop(10) for service in started] == [0, 0]
    assert len({span.trace_id for _, span in receiver.spans}) == 1
    root = next(span for _, span in receiver.spans if not span.parent_span_id)
    assert root.name == "command asked"
    assert {s.parent_span_id for _, s in receiver.spans if s is not root} == {root.span_id}
    ids = {
        a.value.string_value for _, s in receiver.spans for a in s.attributes if "command" in a.key
    }
    assert ids == {"t-1"}
    effect = next(span for _, span in receiver.spans if span.name == "effect")
    ended = next(line for line in logged(started[0]) if line["text"] == "command ended: effect")
    assert (ended["environment"], ended["command_id"]) == ("mock", "t-1")
    assert ended["message_id"] in world.desk.final("t-1").evidence
    assert root.start_time_unix_nano <= effect.end_time_unix_nano
    world.desk.client.close()


def test_nothing_of_opentelemetry_is_loaded_when_no_collector_is_named() -> None:
    names = ("ingest", "orders", "gateway", "api", "ui")
    check = (
        f"import sys, {', '.join(f'services.{name}.process' for name in names)}\n"
        "import services.common.process.tracing as t\n"
        "with t.to('', 'x'), t.span('y') as trace: assert trace == ''\n"
        "mine = ('opentelemetry.sdk.trace', 'opentelemetry.exporter')\n"
        "assert not [m for m in sys.modules if m.startswith(mine)]\n"
        "assert 'services.common.process.otel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", check], env=base_env({}), check=True)
