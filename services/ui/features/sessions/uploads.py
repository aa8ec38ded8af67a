"""The door by which a session file comes into the library: bounded, and apart until checked.

`POST /replay/sessions/import?file=…&name=…&skip=1` with the bytes of the file as the body. The
answer is plain text in the reader's language: 201 imported, 403 no right, 413 too large, 408 too
slow, 409 the name is taken or none, 422 damaged lines or no session.
"""

import asyncio
import logging
import secrets
from collections.abc import Iterable
from pathlib import Path

from nicegui import app
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from services.common.sessions.files import SESSION_NAME, Damaged, SessionError
from services.common.sessions.session_folder import (
    DamagedSessionError,
    SessionFolder,
    plain_name,
)
from services.common.store.keys import Environment
from services.ui import formats
from services.ui.auth import current_user
from services.ui.auth.auth_services import AuthServices
from services.ui.auth.request_rules import SESSION_IMPORT
from services.ui.features.sessions.import_form import IMPORTING
from services.ui.translator import Translator

MAX_UPLOAD_BYTES = 256 << 20
UPLOAD_S = 600.0
MAX_NAMED_LINES = 10

_log = logging.getLogger(__name__)


class _UploadRefusedError(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class SessionUploads:
    """Takes files into the folder of the station."""

    def __init__(self, folder: Path, auth: AuthServices, environment: Environment) -> None:
        """`environment` is where they are played: whose rights are asked for."""
        self._environment = environment
        self._library = SessionFolder(folder)
        self._auth = auth
        self._one_at_a_time = asyncio.Lock()

    def register(self) -> None:
        """Put it on its address."""
        app.post(SESSION_IMPORT)(self._import)

    async def _import(self, request: Request) -> Response:
        who = current_user.of(request, self._environment, trusting=self._auth.trusting)
        say = Translator(who.language)
        if not who.may(IMPORTING):
            words = say("sessions.no_right", role=say(f"role.{IMPORTING}"))
            return PlainTextResponse(words, 403, {"connection": "close"})
        file = Path(request.query_params.get("file", "")).name
        name = request.query_params.get("name", "").strip() or plain_name(Path(file))
        skip = request.query_params.get("skip") == "1"
        if not SESSION_NAME.fullmatch(name):
            return PlainTextResponse(say("import.bad_name", name=name[:80]), 409)
        if self._library.path(name).exists():
            return PlainTextResponse(say("sessions.taken", name=name), 409)
        try:
            async with self._one_at_a_time:
                left_out = await self._take(request, say, name, skip=skip)
        except _UploadRefusedError as refused:
            return PlainTextResponse(str(refused), refused.status, {"connection": "close"})
        _log.info("imported", extra={"session": name, "by": who.name, "left_out": len(left_out)})
        words = say("import.done", name=name)
        return PlainTextResponse("\n".join((words, *_lines(left_out, say, "import.left_out"))), 201)

    async def _take(
        self, request: Request, say: Translator, name: str, *, skip: bool
    ) -> list[Damaged]:
        quarantine = self._library.quarantine
        held = quarantine / secrets.token_hex(8)
        try:
            quarantine.mkdir(parents=True, exist_ok=True)
            await self._receive(request, say, held)
            return await asyncio.to_thread(self._library.add, held, name, skip_damaged=skip)
        except DamagedSessionError as error:
            words = "\n".join(_lines(error.damaged, say, "import.damaged"))
            raise _UploadRefusedError(422, words) from error
        except SessionError as error:
            # By the name its sender gave it, not by where it lies here.
            why = str(error).replace(f"{held}, ", "").replace(str(held), name)
            raise _UploadRefusedError(422, say("import.unreadable", why=why)) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise _UploadRefusedError(503, say("import.unreadable", why=why)) from error
        finally:
            held.unlink(missing_ok=True)

    async def _receive(self, request: Request, say: Translator, held: Path) -> None:
        limit = formats.size(MAX_UPLOAD_BYTES, say.language)
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > MAX_UPLOAD_BYTES:
            raise _UploadRefusedError(413, say("import.too_large", limit=limit))
        size = 0
        try:
            async with asyncio.timeout(UPLOAD_S):
                with held.open("wb") as out:
                    async for block in request.stream():
                        size += len(block)
                        if size > MAX_UPLOAD_BYTES:
                            raise _UploadRefusedError(413, say("import.too_large", limit=limit))
                        out.write(block)
        except (TimeoutError, ClientDisconnect) as error:
            raise _UploadRefusedError(408, say("import.failed")) from error


def _lines(damaged: list[Damaged], say: Translator, head: str) -> Iterable[str]:
    """How many lines are damaged, and the first of them with their faults."""
    if not damaged:
        return
    yield say(head, count=len(damaged))
    for one in damaged[:MAX_NAMED_LINES]:
        yield say("import.line", line=one.line, why=one.why)
