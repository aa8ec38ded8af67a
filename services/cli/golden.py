"""`omf golden`: keep a session as a test case, and say what would be different now."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from omf.alarms.rule_data import with_site
from omf.analysis.golden import GOLDEN_KINDS
from omf.yaml_files import YamlFileError
from services.cli import sign_in
from services.cli.app import TYPER_OPTIONS
from services.cli.connection import archive_storage, connect, data_folder
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import (
    EXIT_DIFFERENT,
    EXIT_FAILED,
    data,
    fail,
    say,
    show,
    table,
    told,
    usage,
)
from services.cli.rows import language
from services.common.process import clock, time_parsing
from services.common.process.settings import ServiceSettings
from services.common.sessions import named_ranges
from services.common.sessions.export import Range
from services.common.sessions.files import SessionError
from services.common.sessions.golden_files import GoldenError, GoldenHead, GoldenOrigin
from services.common.sessions.golden_folder import (
    GOLDEN_ROLE,
    UNGOLDEN_ROLE,
    GoldenCheck,
    GoldenFolder,
    GoldenRules,
)
from services.common.sessions.session_folder import SessionFolder
from services.common.store import journal
from services.common.store.alarm_rules import StoredRules, read_rules
from services.common.store.bus import Bus
from services.common.store.errors import StoreError
from services.common.store.keys import Environment
from services.history.golden_process import keep_range
from services.history.reader import History
from services.history.session_source import ArchiveSource
from services.supervisor.runfile import NotRunningError

GOLDEN_COLUMNS = ("name", "from", "messages", "orders", "lives", "alarms", "rules", "of", "note")

app = typer.Typer(
    help="Keep sessions as test cases: what would be different by today's rules and code?",
    **TYPER_OPTIONS,
)
GoldenName = Annotated[str, typer.Argument(metavar="NAME")]
RulesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The site's file of alarm rules to judge by; else those in force here.",
        envvar="OMF_ALARM_RULES",
    ),
]


class SystemPlace(NamedTuple):
    """Which system is meant, and its data folder."""

    environment: Environment
    run: Path | None

    @property
    def data(self) -> Path:
        """OMF_DATA, unless a running one is named."""
        return data_folder(self.run)

    @property
    def golden(self) -> GoldenFolder:
        """Its golden sessions."""
        return GoldenFolder.of(self.data)


@app.command("keep")
def keep(  # noqa: PLR0913 - one option for each fact of it
    name: GoldenName,
    session: Annotated[
        str,
        typer.Argument(metavar="[SESSION]", help="A file, an imported or a named session."),
    ] = "",
    *,
    start: Annotated[str, typer.Option("--from", help="10m (ago), 14:05 or an ISO time.")] = "",
    end: Annotated[str, typer.Option("--to", help="As --from; else now.")] = "",
    note: Annotated[str, typer.Option(help="What it shows.")] = "",
    user: Annotated[str, typer.Option(help="Who keeps it; else the user of this machine.")] = "",
    rules: RulesOption = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Keep a session or a range of the archive with the orders, lives, alarms and figures it gives.

    What does not belong into a test case is left out before: `omf record --exclude`.
    """
    if bool(session) == bool(start):
        usage("Name a SESSION, or a range with --from and --to.")
    place = SystemPlace(environment, run)
    origin = GoldenOrigin(
        source=session or f"{start}..{end}",
        environment=environment,
        operator=sign_in.allowed(environment, run, GOLDEN_ROLE, user),
        note=note,
        kept_at=clock.now(),
    )
    judged = _rules(rules, place)
    with _known():
        file = _file(session, place)
        if file is None:
            head = _from_store(place, session, (start, end), (name, origin, judged))
        else:
            of_file = origin.model_copy(update={"environment": ""})
            head = place.golden.keep(name, file, of_file, judged)
    _kept(head, as_json=as_json)


def _from_store(
    place: SystemPlace,
    session: str,
    times: tuple[str, str],
    kept_as: tuple[str, GoldenOrigin, GoldenRules],
) -> GoldenHead:
    name, origin, judged = kept_as
    place.golden.path(name)

    async def work() -> GoldenHead:
        async with connect(place.environment, place.run).bus() as bus:
            wanted = await _range(bus, session, times)
            source = ArchiveSource(bus, History(archive_storage(place.environment, place.run)))
            return await keep_range(
                source, wanted, lambda path: place.golden.keep(name, path, origin, judged)
            )

    return asyncio.run(work())


@app.command("check")
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Else every one.")
    ] = None,
    *,
    rules: RulesOption = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Replay golden sessions in no time and say what is missing, new or changed, in your language.

    Exit 3 where something is different, 1 where one cannot be read; the others are checked still.
    """
    place = SystemPlace(environment, run)
    wanted = names or place.golden.names()
    if not wanted:
        fail(f"No golden session is kept in {place.data / 'golden'}; see `omf golden keep`.")
    judged = _rules(rules, place)
    unread = different = 0
    for name in wanted:
        try:
            with told():
                done = place.golden.check(name, judged)
        except GoldenError as error:
            say(f"{name}: {error.told.in_(language())}")
            unread += 1
            continue
        different += bool(done.differences)
        _tell(done, as_json=as_json)
    if unread or different:
        raise typer.Exit(EXIT_FAILED if unread else EXIT_DIFFERENT)


@app.command("list")
def list_all(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print the golden sessions: what each is of, and by which rules it was kept."""
    folder = SystemPlace(environment, run).golden
    heads = []
    for name in folder.names():
        try:
            with told():
                heads.append(folder.head(name))
        except GoldenError as error:
            say(f"{name}: {error.told.in_(language())}")
    for one in heads if as_json else ():
        _kept(one, as_json=True)
    if not as_json:
        table(GOLDEN_COLUMNS, map(_cells, heads))


@app.command("remove")
def remove(
    name: GoldenName, *, environment: EnvironmentOption = "mock", run: RunOption = None
) -> None:
    """Delete a golden session; the session it was made of stays."""
    sign_in.allowed(environment, run, UNGOLDEN_ROLE)
    with _known():
        SystemPlace(environment, run).golden.remove(name)


@contextmanager
def _known() -> Iterator[None]:
    """What is known to go wrong with a golden session ends in a sentence and 1."""
    with told():
        try:
            yield
        except GoldenError as error:
            fail(error.told.in_(language()))
        except (SessionError, named_ranges.SessionNameError) as error:
            fail(str(error))


def _rules(file: Path | None, place: SystemPlace) -> GoldenRules:
    """Those of a file, else those in force in the system, else as they are delivered."""
    with told():
        calendar = ServiceSettings.read().shift_calendar
        if file is not None:
            try:
                source = file.read_text("utf-8")
                return GoldenRules(with_site(source), source, calendar)
            except (YamlFileError, UnicodeDecodeError) as error:
                fail(f"{file}: {error}")
    found = StoredRules()

    async def ask() -> None:
        nonlocal found
        async with connect(place.environment, place.run).bus() as bus:
            found = await read_rules(bus) or found

    try:
        asyncio.run(ask())
    except (StoreError, NotRunningError, OSError):
        say("No system runs here: judged by the alarm rules as they are delivered.")
    return GoldenRules.of(found, calendar)


def _file(session: str, place: SystemPlace) -> Path | None:
    """The file that is meant; None: it is a named session, or a range."""
    if not session or Path(session).is_file():
        return Path(session) if session else None
    library = SessionFolder(place.data / "sessions")
    return library.path(session) if session in library.names() else None


async def _range(bus: Bus, session: str, times: tuple[str, str]) -> Range:
    if session:
        found = await named_ranges.find(bus, session)
        return Range(journal.id_before(found.from_at), journal.id_before(found.to_at))
    now = await journal.message_now(bus)
    try:
        begin, end = (time_parsing.moment(one, now=now) if one else now for one in times)
    except ValueError as error:
        usage(str(error))
    if end <= begin:
        usage("--to must be later than --from.")
    return Range(await journal.before(bus, begin), await journal.before(bus, end))


def _kept(head: GoldenHead, *, as_json: bool) -> None:
    if as_json:
        data(head.model_dump(mode="json", exclude={"site_rules"}))
        return
    orders, lives, alarms, figures = (head.rows.get(kind, 0) for kind in GOLDEN_KINDS)
    show(
        f"{head.name}: {head.messages} messages kept with {orders} orders, {lives} lives, "
        f"{alarms} alarms, {figures} figures"
    )


def _tell(done: GoldenCheck, *, as_json: bool) -> None:
    if as_json:
        data(done.model_dump(mode="json"))
        return
    before = "" if done.rules_then == done.rules_now else f", kept by {done.rules_then}"
    verdict = f"{len(done.differences)} differences" if done.differences else "as it was kept"
    show(f"{done.name}: {verdict} ({done.messages} messages; alarm rules {done.rules_now}{before})")
    for one in done.differences:
        show(f"  {one.sentence.in_(language())}")


def _cells(head: GoldenHead) -> tuple[object, ...]:
    counted = (head.rows.get(kind, 0) for kind in ("order", "life", "alarm"))
    begin, origin = clock.iso(head.from_at), head.origin
    return (head.name, begin, head.messages, *counted, head.rules, origin.source, origin.note)
