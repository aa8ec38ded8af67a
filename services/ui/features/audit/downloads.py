"""The audit as a file: a table for a spreadsheet, or its entries with their seals."""

import json
from collections.abc import AsyncIterator, Mapping

from nicegui import app
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from services.common.process import clock
from services.common.sessions import csv_export
from services.common.store.audit import SealedRecord, sealed
from services.common.store.bus import Bus, StoreError
from services.common.store.entries import DATA
from services.common.store.keys import Environment
from services.ui.auth import current_user
from services.ui.auth.auth_services import AuthServices
from services.ui.features.audit.page import AUDIT_FORMS, PAGE, filter_of
from services.ui.features.audit.search import AuditEntry, AuditSearch
from services.ui.live.model import ViewModel
from services.ui.translator import Translator

MAX_EXPORTED = 100_000
"""The newest entries that are looked at for one file."""
AUDIT_COLUMNS = (
    *("at", "part", "decision", "kind", "parameters", "operator", "role", "source", "note"),
    *("reasons", "not_met", "command", "topic", "evidence", "entry", "seal", "seal_holds"),
)
JSON_LINES_TYPE = "application/jsonl; charset=utf-8"


class AuditDownloads:
    """Registers `/{environment}/audit.csv` and `audit.jsonl`, with the filters of the page."""

    def __init__(
        self,
        models: Mapping[Environment, ViewModel],
        buses: Mapping[Environment, Bus],
        auth: AuthServices,
    ) -> None:
        self._models, self._buses, self._auth = models, buses, auth

    def register(self) -> None:
        """Put the files on their addresses."""
        app.get("/{environment}/audit.{form}")(self._file)

    async def _file(self, environment: str, form: str, request: Request) -> Response:
        name = next((one for one in self._models if one == environment), None)
        if name is None or form not in AUDIT_FORMS:
            return Response(status_code=404)
        who = current_user.of(request, name, trusting=self._auth.trusting)
        if not PAGE.open_to(who):
            why = who.say("check.role.unmet", role=who.say(f"role.{PAGE.role}"))
            return PlainTextResponse(why, 403)
        wanted = filter_of(request.query_params)
        try:
            between = wanted.moments(who.clock, self._models[name].wall)
            await self._buses[name].ping()
        except ValueError as error:
            return PlainTextResponse(who.say("messages.bad_time", given=error), 422)
        except StoreError as error:
            return PlainTextResponse(str(error), 503, {"retry-after": "5"})
        search = AuditSearch(self._buses[name], wanted, between)
        headers = {"content-disposition": f'attachment; filename="{name}-audit.{form}"'}
        if form == "csv":
            return StreamingResponse(
                _table(search, who.say), 200, headers, csv_export.CSV_MEDIA_TYPE
            )
        return StreamingResponse(_json_lines(search), 200, headers, JSON_LINES_TYPE)


async def _table(search: AuditSearch, say: Translator) -> AsyncIterator[str]:
    yield csv_export.head(AUDIT_COLUMNS)
    try:
        async for entry in search.every(MAX_EXPORTED):
            if (one := sealed(*entry)) is not None:
                yield csv_export.record(_cells(one, say))
    except StoreError as error:
        yield csv_export.record((f"not whole: {error}",))
        return
    if not search.ended:
        yield csv_export.record((f"not whole: only the newest {MAX_EXPORTED} were looked at",))


async def _json_lines(search: AuditSearch) -> AsyncIterator[str]:
    """`seal` is the SHA-256 of `before`, a line feed and `data`, byte for byte."""
    try:
        async for entry in search.every(MAX_EXPORTED):
            yield f"{json.dumps(_as_stored(entry))}\n"
    except StoreError as error:
        yield f"{json.dumps({'not_whole': str(error)})}\n"
        return
    if not search.ended:
        told = f"only the newest {MAX_EXPORTED} were looked at"
        yield f"{json.dumps({'not_whole': told})}\n"


def _as_stored(entry: AuditEntry) -> dict[str, str]:
    entry_id, fields = entry
    stored = {"before": b"before", "seal": b"seal", "data": DATA}
    return {"id": entry_id.decode()} | {
        name: fields.get(field, b"").decode(errors="replace") for name, field in stored.items()
    }


def _cells(one: SealedRecord, say: Translator) -> tuple[str, ...]:
    record, command = one.record, one.record.command
    return (
        clock.iso(record.at),
        record.part,
        record.decision.value,
        command.kind,
        json.dumps(command.parameters, ensure_ascii=False),
        command.operator,
        command.role.value,
        command.source,
        command.note,
        " · ".join(say.either(reason) for reason in record.reasons),
        " ".join(check.id for check in record.checks if check.met is not True),
        command.command_id,
        record.topic,
        " ".join(record.evidence),
        one.entry_id,
        one.seal,
        "yes" if one.holds else "no",
    )
