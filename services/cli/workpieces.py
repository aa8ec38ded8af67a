"""`omf workpieces`: the lives of workpieces, from the store, the archive or a session file."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.workpieces.collect import collect, matching
from omf.workpieces.life import WorkpieceLife
from omf.workpieces.record import CSV_COLUMNS, csv_rows, summary
from omf.workpieces.surroundings import ReadingWindow, is_reading
from services.cli.connection import archive_storage, connect
from services.cli.history import answering, milliseconds
from services.cli.history_export import EndOption, StartOption, write_file
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, say, show, table, usage
from services.cli.rows import language
from services.cli.session_file import session_messages
from services.common.documents.life_record import Reader, life_record
from services.common.documents.pdf import Document
from services.common.documents.pdf import pdf as pdf_of
from services.common.sessions import csv_export
from services.common.store import fold_reader
from services.common.store.keys import Environment
from services.history.lives import (
    FoundLives,
    archived_readings,
    find_lives,
    journal_readings,
    lives_between,
    whole_record,
    with_archived,
)
from services.history.reader import History

LIST_COLUMNS = ("tag", "colour", "status", "place", "result", "begun", "ended", "id")
EVENT_COLUMNS = ("time", "column", "what", "where", "said", "message", "")


def command(  # noqa: PLR0913 - one option for each way to narrow it
    wanted: Annotated[
        str, typer.Argument(metavar="[TAG]", help="A tag, an order or the id of a life; else all.")
    ] = "",
    *,
    session: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A session, .jsonl or .jsonl.gz.")
    ] = None,
    start: StartOption = "",
    end: EndOption = "",
    colour: Annotated[str, typer.Option(help="Only of this colour: RED, WHITE or BLUE.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="CSV, one row for each event.")] = False,
    pdf: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the life record of TAG, in your language."),
    ] = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the lives of workpieces: where each is, what happened to it, and by which messages.

    Without --from, --to and --session those in the house now and the last ones that left it; with
    --from or --to every one of that time, from the archive. With TAG event by event, however long
    ago that was.
    """
    asked = Asked(wanted, colour.upper(), pdf, csv=csv, as_json=as_json)
    if pdf and not wanted:
        usage("Name the TAG whose life record is wanted.")
    try:
        span = milliseconds(start), milliseconds(end)
    except ValueError as error:
        usage(str(error))
    if session is not None and (start or end):
        usage("A session is read as a whole: leave out --from and --to.")
    if session is not None:
        _from_session(session, asked)
    elif start or end:
        with answering(environment, run) as history:
            past = lives_between(history, *span, wanted)
            _tell(asked.of(past.lives), past.state, asked, archived_readings(history))
    else:
        finish(_from_store(environment, run, asked))


class Asked(NamedTuple):
    """Which lives are wanted, and in which form."""

    wanted: str
    colour: str
    pdf: Path | None
    csv: bool
    as_json: bool

    @property
    def whole(self) -> bool:
        """Event by event, with the surroundings."""
        return bool(self.wanted) and (self.pdf is not None or not self.csv)

    def of(self, lives: Sequence[WorkpieceLife]) -> list[WorkpieceLife]:
        """The lives that are meant; ends the command where one was named that nobody knows."""
        found = matching(lives, self.wanted) if self.wanted else list(lives)
        found = [life for life in found if self.colour in ("", life.colour)]
        if self.wanted and not found:
            fail(f"Nothing is known of {self.wanted} here.")
        return found


def _from_session(path: Path, asked: Asked) -> None:
    messages = session_messages(path)
    found = collect(messages)
    readings = [(StreamId.parse(one.id), one) for one in messages if is_reading(one)]

    def within(window: ReadingWindow) -> list[Message]:
        return [message for one, message in readings if window.after < one <= window.until]

    _tell(asked.of(found.lives), found.state, asked, within)


async def _from_store(environment: Environment, run: Path | None, asked: Asked) -> None:
    history = History(archive_storage(environment, run))
    async with connect(environment, run).bus() as bus:
        state = await fold_reader.state_until(bus)
        pieces = state.workpieces
        lives = [*pieces.ended, *pieces.open.values()]
        if asked.wanted:
            found = await asyncio.to_thread(find_lives, history, asked.wanted)
            lives = with_archived(lives, found)
            _tell_missing(found, asked.wanted)
        lives = asked.of(lives)
        readings = await journal_readings(bus, history, lives if asked.whole else ())
    _tell(lives, state, asked, readings)


def _tell_missing(found: FoundLives, wanted: str) -> None:
    if found.older:
        say(f"{wanted} has {found.older} older lives: name a time with --from and --to.")
    if found.unread_days:
        first, last = found.unread_days[0], found.unread_days[-1]
        say(f"Lives that ended from {first} to {last} are looked up only with --from and --to.")


def _tell(
    lives: Sequence[WorkpieceLife],
    state: FactoryState,
    asked: Asked,
    readings: Callable[[ReadingWindow], Iterable[Message]],
) -> None:
    if asked.pdf is not None:
        _write_pdf(asked.pdf, life_record(lives, state, readings, Reader(language(), None)))
    elif asked.csv:
        rows = (csv_export.record(row) for row in csv_rows(lives, state))
        write_file(one.encode() for one in (csv_export.head(CSV_COLUMNS), *rows))
    elif asked.whole:
        for life in lives:
            _show_life(whole_record(life, state, readings), as_json=asked.as_json)
    elif asked.as_json:
        for life in lives:
            data(summary(life, state))
    else:
        table(LIST_COLUMNS, (_list_row(summary(life, state)) for life in lives))


def _write_pdf(path: Path, document: Document) -> None:
    try:
        path.write_bytes(pdf_of(document))
    except OSError as error:
        fail(f"{path} cannot be written: {error}")
    say(f"Written: {path}")


def _list_row(row: dict[str, Any]) -> tuple[object, ...]:
    places = " and ".join(map(_place, row["places"]))
    known = (row["tag"], row["colour"] or "unknown", row["status"], places, row["result"])
    return (*known, _time(row["begun_at"]), _time(row["ended_at"]), row["id"])


def _place(place: dict[str, Any]) -> str:
    name = place["name"][language()]
    position = "" if place["position"] is None else f"/{place['position']}"
    return f"{name}{position}{' (inferred)' if place['inferred'] else ''}"


def _time(at: float | None) -> str:
    if at is None:
        return ""
    return datetime.fromtimestamp(at, UTC).isoformat(" ", "milliseconds").removesuffix("+00:00")


def _show_life(life: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        data(life)
        return
    show(f"{life['tag'] or 'no tag'}  {life['colour'] or 'unknown colour'}  {life['status']}")
    table(EVENT_COLUMNS, map(_event_row, life["events"]))
    for found in life["contradictions"]:
        said, by = " and ".join(found["said"]), " and ".join(found["evidence"])
        show(f"contradiction of {found['kind']}: {said} (messages {by})")
    for found in life["deviations"]:
        usual = f", usual {found['usual']['usual']:.1f} s" if found["usual"] else ""
        took = f" {found['seconds']:.1f} s{usual}" if found["seconds"] is not None else ""
        show(f"{found['kind']}: {found['what']}{took} (order {found['order_id']})")
    if life["dropped_events"]:
        show(f"{life['dropped_events']} older events were left out")


def _event_row(event: dict[str, Any]) -> tuple[object, ...]:
    place = _place(event | {"inferred": False}) if event["device"] else ""
    node = f" at {event['node']}" if event["node"] else ""
    beside = f"with {', '.join(event['companions'])}" if event["companions"] else ""
    said = event["result"] or beside
    marked = "inferred" if event["inferred"] else ""
    return (
        _time(event["at"]),
        event["column"],
        event["what"],
        f"{place}{node}",
        said,
        event["message_id"],
        marked,
    )
