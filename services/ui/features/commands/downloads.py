"""The commands as a table for a spreadsheet: what the page lists, and whatever older is kept."""

import json
from collections.abc import Iterator, Mapping

from nicegui import app
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from services.common.process import clock
from services.common.sessions import csv_export
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import CommandRecord, Environment
from services.ui.auth.current_user import clock_of, language_of
from services.ui.features.commands.page import MAX_SEARCH_CHARS, Wanted
from services.ui.live.command_log import changed_at
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import command_view

MAX_RECORDS = 10_000
COLUMNS = (
    *("asked_at", "id", "kind", "parameters", "operator", "role", "source", "note"),
    *("stage", "changed_at", "reason", "orders"),
)


class CommandDownloads:
    """Registers `/{environment}/commands.csv`, with the filters of the page."""

    def __init__(
        self, models: Mapping[Environment, ViewModel], buses: Mapping[Environment, Bus]
    ) -> None:
        self._models, self._buses = models, buses

    def register(self) -> None:
        """Put the file on its address."""
        app.get("/{environment}/commands.csv")(self._csv)

    async def _csv(self, environment: str, request: Request) -> Response:
        name = next((one for one in self._models if one == environment), None)
        if name is None:
            return Response(status_code=404)
        asked = {one: request.query_params.get(one, "") for one in Wanted.__slots__}
        wanted = Wanted(**{one: value[:MAX_SEARCH_CHARS] for one, value in asked.items()})
        bus = self._buses[name]
        try:
            kept = await bus.call(bus.client.xlen(bus.key("commands")))
            found = await bus.records(min(kept, MAX_RECORDS)) if kept else []
        except StoreError as error:
            return PlainTextResponse(str(error), 503, {"retry-after": "5"})
        since = wanted.since_at(clock_of(request), self._models[name].now)
        listed = [record for record in reversed(found) if wanted.takes(record, since)]
        headers = {"content-disposition": f'attachment; filename="{name}-commands.csv"'}
        lines = _lines(listed, Translator(language_of(request)), older=kept - MAX_RECORDS)
        return StreamingResponse(lines, 200, headers, csv_export.CSV_MEDIA_TYPE)


def _lines(listed: list[CommandRecord], say: Translator, *, older: int) -> Iterator[str]:
    yield csv_export.head(COLUMNS)
    for record in listed:
        yield csv_export.record(_cells(record, say))
    if older > 0:
        yield csv_export.record((f"not whole: {older} older commands were not looked at",))


def _cells(record: CommandRecord, say: Translator) -> tuple[str, ...]:
    command = record.command
    orders = dict.fromkeys(event.order_id for event in record.events if event.order_id)
    return (
        clock.iso(command.created_at),
        command.command_id,
        command.kind,
        json.dumps(command.parameters, ensure_ascii=False),
        command.operator,
        command.role.value,
        command.source,
        command.note,
        str(record.stage),
        clock.iso(changed_at(record)),
        command_view.last_reason(record, say),
        " ".join(orders),
    )
