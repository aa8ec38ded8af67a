"""`omf session`: name a time range of what was recorded anyway, and keep session files."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli import sign_in
from services.cli.connection import connect, data_folder
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import MAX_DAMAGED_LINES, data, fail, finish, say, show, table, told, usage
from services.cli.rows import language
from services.common.process import clock, time_parsing
from services.common.sessions import named_ranges
from services.common.sessions.files import SessionError
from services.common.sessions.named_ranges import NAMING, REMOVING, ListedSession, Session
from services.common.sessions.session_folder import DamagedSessionError, SessionFolder, plain_name
from services.common.store import journal
from services.common.store.bus import Bus
from services.common.store.keys import Environment

SESSION_COLUMNS = ("name", "from", "to", "seconds", "kept", "bytes", "operator", "note")

app = typer.Typer(
    help="Name, list, import and play sessions. Everything is always recorded.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME")]


def on_bus(
    environment: Environment, run: Path | None, work: Callable[[Bus], Coroutine[Any, Any, None]]
) -> None:
    """Run `work` over the streams of an environment; what is wrong with a name ends with 1."""

    async def inside() -> None:
        async with connect(environment, run).bus() as bus:
            try:
                await work(bus)
            except named_ranges.SessionNameError as error:
                fail(str(error))

    finish(inside())


@app.command("name")
def give_name(  # noqa: PLR0913 - one option for each fact of a session
    name: NameArgument,
    *,
    start: Annotated[str, typer.Option("--from", help="10m (ago), 14:05 or an ISO time.")],
    end: Annotated[str, typer.Option("--to", help="As --from; else now.")] = "",
    note: Annotated[str, typer.Option(help="What happened in it.")] = "",
    user: Annotated[str, typer.Option(help="Who names it; else the user of this machine.")] = "",
    environment: EnvironmentOption = "mock",
    run: RunOption = None,
) -> None:
    """Give a name to a time range; afterwards is early enough."""
    try:
        from_at = time_parsing.moment(start)
        to_at = time_parsing.moment(end) if end else clock.now()
    except ValueError as error:
        usage(str(error))
    if to_at <= from_at:
        usage("--to must be later than --from.")
    who = sign_in.allowed(environment, run, NAMING, user)

    async def work(bus: Bus) -> None:
        # In a replay the times are of the recorded day, what is kept is of when it was played.
        now = await journal.message_now(bus)
        session = Session(
            name=name,
            from_at=bus.arrival(time_parsing.moment(start, now=now)),
            to_at=bus.arrival(time_parsing.moment(end, now=now) if end else now),
            operator=who,
            note=note,
            created_at=await bus.time(),
        )
        await named_ranges.name(bus, session)
        show(f"{name}: {to_at - from_at:.0f} s; write it with `omf record --session {name}`")

    on_bus(environment, run, work)


@app.command("list")
def list_all(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print the named sessions, how much of each there is, and what it takes in the archive."""

    async def work(bus: Bus) -> None:
        found = await named_ranges.listed(bus)
        if not as_json:
            table(SESSION_COLUMNS, map(_cells, found))
        for one in found if as_json else ():
            data({**one.session.model_dump(mode="json"), "kept": one.kept, "bytes": one.size})

    on_bus(environment, run, work)


def _cells(listed: ListedSession) -> tuple[object, ...]:
    one = listed.session
    begin, end = clock.iso(one.from_at), clock.iso(one.to_at)
    length = f"{one.to_at - one.from_at:.0f}"
    return (one.name, begin, end, length, listed.kept, listed.size, one.operator, one.note)


@app.command("remove")
def remove(
    name: NameArgument, *, environment: EnvironmentOption = "mock", run: RunOption = None
) -> None:
    """Forget a name; what was recorded stays as long as anything else that is not named."""
    sign_in.allowed(environment, run, REMOVING)
    on_bus(environment, run, lambda bus: named_ranges.remove(bus, name))


@app.command("import")
def take_over(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON Lines, SQLite, CSV or `mosquitto_sub` text."),
    ],
    *,
    name: Annotated[str, typer.Option(help="Else that of the file.")] = "",
    skip_damaged: Annotated[
        bool, typer.Option("--skip-damaged", help="Import what is whole and leave out the rest.")
    ] = False,
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Take a session file into the library of this system, so that it can be played by name.

    Damaged lines are named by their number; exit 1 and no import unless skipping was asked for.
    """
    name = name or plain_name(file)
    with told():
        try:
            skipped = library(run).add(file, name, skip_damaged=skip_damaged)
        except DamagedSessionError as error:
            for item in error.damaged[:MAX_DAMAGED_LINES]:
                say(f"line {item.line} is damaged: {item.why}")
            fail(f"{error}; --skip-damaged leaves them out")
        except SessionError as error:
            fail(str(error))
    for item in skipped[:MAX_DAMAGED_LINES]:
        say(f"line {item.line} is damaged and was left out: {item.why}")
    if as_json:
        data({"name": name, "skipped": [item.line for item in skipped]})
    else:
        show(f"{name}: imported, {len(skipped)} lines left out")


@app.command("facts")
def facts(name: NameArgument, *, as_json: JsonOption = False, run: RunOption = None) -> None:
    """Print what an imported session is of: versions, outcome of its orders, alarms with times."""
    from omf.analysis.session_facts import session_facts  # noqa: PLC0415 - the fold takes long
    from services.common.sessions.facts_files import read_facts  # noqa: PLC0415
    from services.common.sessions.files import read, stamped  # noqa: PLC0415

    with told():
        try:
            path = library(run).path(name)
            found = read_facts(path) or session_facts(stamped(read(path)))
        except SessionError as error:
            fail(str(error))
    if found is None:
        fail(f"{name} holds no message")
    if as_json:
        data(found.model_dump(mode="json"))
        return
    orders = ", ".join(f"{count} {outcome}" for outcome, count in found.orders.items())
    versions = ", ".join(f"{part} {version}" for part, version in found.versions.items())
    show(f"{clock.iso(found.began_at)}  {found.length_s:.0f} s  {found.messages} messages")
    show(f"orders: {orders or 'none'}", f"versions: {versions or 'none told'}")
    for one in found.alarms:
        show(f"{one.at_s:8.1f} s  {one.severity}  {one.text.in_(language())}")


def library(run: Path | None) -> SessionFolder:
    """The session files of a data folder."""
    return SessionFolder(data_folder(run) / "sessions")
