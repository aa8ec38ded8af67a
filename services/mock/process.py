"""The life of a mock process: build the parts, live on the broker, leave it politely."""

import signal

from services.common.health import Health
from services.mock.faults import Fault
from services.mock.parts import build
from services.mock.runner import Runner
from services.mock.settings import MockSettings


def run(settings: MockSettings) -> int:
    """Simulate until SIGTERM or SIGINT; exit code 0. The main thread does the work."""
    health = Health(lambda: None if runner.connected else "a device is not on the broker")
    runner = Runner(
        build(settings),
        settings.mqtt_address,
        speed=settings.mock_speed,
        faults=[Fault.parse(text) for text in settings.mock_faults],
        health=health,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: runner.stop())
    health.watch()
    health.serve(settings.metrics_host, settings.metrics_port)
    runner.run()
    return 0
