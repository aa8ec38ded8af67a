"""`python -m services.ui`: the pages over all environments that are looked at."""

import logging
import os
import signal
import sys
from typing import Any

from nicegui import app, core, ui

from services.common.process import logs, tracing
from services.common.process.open_files import allow_many
from services.ui.process import Process
from services.ui.settings import UiSettings
from services.ui.shell import aborted_loads

RECONNECT_S = 10.0
"""A browser that comes back within this time finds its page as it was (WLAN at fairs)."""
SILENT_LINE_S = 12.0
"""So long a browser may take to answer a ping, and we to read the answer: a line that only waits
for us is not dead, and whoever is thrown off for it asks for more of us."""
MANY_FACTORIES = 5
"""From so many on the pages ask the store for all of them on one connection."""
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<path fill="#3c444b" d="M1 1h14v14H1z"/>'
    '<path fill="#eceeef" d="M4 4h3v3H4zM9 4h3v3H9zM4 9h3v3H4zM9 9h3v3H9z"/></svg>'
)

_log = logging.getLogger(__name__)


def main() -> None:
    """Serve until SIGTERM."""
    settings = UiSettings.read()
    logs.start("ui", ",".join(settings.environments), settings.log_level)
    aborted_loads.leave_out()
    _log.info("starting", extra={"settings": settings.shown()})
    # A test that starts us as a process hands down this variable, and NiceGUI would take itself
    # for its own test and ask for a port that nobody set.
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    # The server stops in order and then raises the signal once more, for whoever had it before.
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: sys.exit(0))
    if len(settings.environments) >= MANY_FACTORIES:
        allow_many()
    process = Process(settings)
    app.on_startup(_wait_for_answers)
    app.on_startup(process.start)
    app.on_shutdown(process.stop)
    with tracing.to(settings.otel_endpoint, "ui"):
        ui.run(
            host=settings.ui_host,
            port=settings.ui_port,
            title="OMF",
            favicon=FAVICON,
            reload=False,
            show=False,
            tailwind=False,
            show_welcome_message=False,
            reconnect_timeout=RECONNECT_S,
            binding_refresh_interval=None,
            server_header=False,
            timeout_graceful_shutdown=2,
            proxy_headers=bool(settings.ui_proxies),
            forwarded_allow_ips=settings.ui_proxies,
            **_tls(settings),
        )


def _wait_for_answers() -> None:
    """NiceGUI sets less than half of it as it starts."""
    core.sio.eio.ping_timeout = SILENT_LINE_S


def _tls(settings: UiSettings) -> dict[str, Any]:
    """What the server needs for HTTPS; nothing without a certificate."""
    files = {"ssl_certfile": settings.ui_tls_cert, "ssl_keyfile": settings.ui_tls_key}
    return {name: str(file) for name, file in files.items() if file}


if __name__ == "__main__":
    main()
