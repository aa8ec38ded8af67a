"""`omf record`: a time range of journal and archive, or a named session, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from omf.topics.filters import TopicError, check_filter
from services.cli.connection import archive_storage, connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, show, usage
from services.common.process import time_parsing
from services.common.sessions import named_ranges
from services.common.sessions.export import Range, export
from services.common.sessions.topic_groups import TOPIC_PRESETS
from services.common.store import journal
from services.common.store.bus import Bus
from services.history.reader import History
from services.history.session_source import ArchiveSource


def command(  # noqa: PLR0913 - the options of DESIGN section 9
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Session; gzip'd if it ends in .gz.")],
    start: Annotated[str, typer.Option("--from", help="10m (ago), 14:05 or an ISO time.")] = "",
    end: Annotated[str, typer.Option("--to", help="As --from; else now.")] = "",
    session: Annotated[
        str, typer.Option(metavar="NAME", help="A named session instead of --from and --to.")
    ] = "",
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="FILTER", help="Leave these topics out; repeatable.")
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude-preset", help=f"Leave out: {', '.join(TOPIC_PRESETS)}; repeatable."
        ),
    ] = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Write what was received in a time range, led by the retained values known at its start."""
    if session and (start or end):
        usage("--session has its own begin and end; leave --from and --to out.")
    try:
        _ordered(start, end)
        left_out = [check_filter(item) for item in exclude or ()]
    except (TopicError, ValueError) as error:
        usage(str(error))
    left_out += _presets(preset or [])

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            chosen = await (_named(bus, session) if session else _range(bus, start, end))
            source = ArchiveSource(bus, History(archive_storage(environment, run)))
            counts = await export(source, out, chosen, left_out)
        if as_json:
            data({"file": str(out), **counts._asdict()})
        else:
            show(f"{counts.messages} messages and {counts.retained} retained values: {out}")

    finish(work())


def _ordered(start: str, end: str) -> None:
    """ValueError for what is no time, and for an end that is not behind its begin."""
    begin = time_parsing.moment(start) if start else None
    stop = time_parsing.moment(end) if end else None
    if begin is not None and stop is not None and stop <= begin:
        raise ValueError("--to must be later than --from.")


async def _range(bus: Bus, start: str, end: str) -> Range:
    """Times of the factory; in a replay they are recorded ones."""
    now = await journal.message_now(bus)
    begin = time_parsing.moment(start, now=now) if start else None
    stop = time_parsing.moment(end, now=now) if end else None
    first = journal.BEGINNING if begin is None else await journal.before(bus, begin)
    return Range(first, "" if stop is None else await journal.before(bus, stop))


def _presets(names: list[str]) -> list[str]:
    unknown = [name for name in names if name not in TOPIC_PRESETS]
    if unknown:
        usage(f"--exclude-preset {unknown[0]}: known are {', '.join(TOPIC_PRESETS)}.")
    return [one for name in names for one in TOPIC_PRESETS[name]]


async def _named(bus: Bus, name: str) -> Range:
    try:
        found = await named_ranges.find(bus, name)
    except named_ranges.SessionNameError as error:
        fail(str(error))
    return Range(journal.id_before(found.from_at), journal.id_before(found.to_at))
