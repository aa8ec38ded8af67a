"""The life of the HTTP door: read every environment, answer, until told to stop."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from functools import partial

import uvicorn

from omf.constants import MOCK_SPEED
from services.api.app import application
from services.api.client_watch import ClientWatch
from services.api.context import AppContext, ServedEnvironment
from services.api.metrics import MetricsMiddleware
from services.api.request_rules import api_rules
from services.api.settings import ApiSettings
from services.common.auth.api_tokens import Tokens
from services.common.auth.security_middleware import SecurityMiddleware
from services.common.foresight.reader import ForesightReader
from services.common.process.exit_codes import ExitCode
from services.common.process.health import Health
from services.common.process.main import Stop
from services.common.store.bus import Bus
from services.common.store.fold_reader import FoldReader
from services.common.store.keys import Environment

FINISH_S = 2
MAX_CONNECTIONS = 200
MAX_HEAD_BYTES = 32_768
KEEP_ALIVE_S = 15
CONNECTIONS_WAITING = 2048

_log = logging.getLogger(__name__)


class HttpServer(uvicorn.Server):
    """Leaves the signals to `Stop`, as every process of ours does."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class Api:
    """Everything of one api process."""

    def __init__(self, settings: ApiSettings) -> None:
        """TokensError if there is a tokens file that cannot be used."""
        self.health = Health(self._missing)
        self._settings = settings
        tokens = Tokens(settings.api_tokens_file) if settings.api_tokens_file else None
        environments = {name: self._serve(name) for name in settings.environments}
        self._context = AppContext(
            environments,
            tokens,
            archive_of=settings.archive_of,
            shifts=settings.shift_calendar,
            foresight=ForesightReader(settings.store_address, MOCK_SPEED),
        )
        rules = api_rules(local=not tokens)
        guarded = MetricsMiddleware(SecurityMiddleware(application(self._context), rules))
        self._server = HttpServer(_config(settings, guarded))

    async def run(self) -> int:
        """Live until SIGTERM (0), or until something broke that only a restart mends (1)."""
        stop = Stop()
        self.health.watch()
        self.health.serve(self._settings.metrics_host, self._settings.metrics_port)
        door = _listener(self._settings.api_host, self._settings.api_port)
        serving = asyncio.create_task(self._server.serve([door]))
        environments = self._context.environments.values()
        code = await stop.during(
            *(served.reader.run() for served in environments),
            ClientWatch(self._context.people_bus, self._context.tokens).run(),
            _end_of(serving),
        )
        self._context.closing = self._server.should_exit = True
        await serving
        if self._context.foresight is not None:
            await self._context.foresight.close()
        for served in environments:
            await served.bus.__aexit__()
        return code

    def _serve(self, name: Environment) -> ServedEnvironment:
        bus = Bus(self._settings.store_address, name)
        return ServedEnvironment(
            name, bus, FoldReader(bus, partial(self.health.beat, f"reader {name}"))
        )

    def _missing(self) -> str | None:
        if self._context.tokens and self._context.tokens.error:
            return self._context.tokens.error
        late = [
            name for name, served in self._context.environments.items() if not served.reader.current
        ]
        if late:
            return f"the journal is not read yet for {', '.join(late)}"
        return None if self._server.started else "no connection is taken yet"


def _listener(host: str, port: int) -> socket.socket:
    """Where requests come in; a port that another process has ends this one with code 1.

    The server itself would end the loop from within a task, with a traceback for one line.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=CONNECTIONS_WAITING)
    except OSError as error:
        _log.critical("cannot answer on %s:%d (OMF_API_PORT): %s", host, port, error)
        raise SystemExit(ExitCode.BROKEN) from None


async def _end_of(task: asyncio.Task[None]) -> None:
    """Wait for a task without taking it along when the waiting is cancelled."""
    await asyncio.wait([task])


def _config(settings: ApiSettings, app: MetricsMiddleware) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        # The parser in Python bounds the head of a request; the one in C does not.
        http="h11",
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Who asks is who is connected, not who a header says it is.
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=FINISH_S,
        ssl_certfile=settings.api_tls_cert,
        ssl_keyfile=settings.api_tls_key,
    )
