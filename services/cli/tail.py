"""`omf tail`: a buffer, exactly as ingest appended it."""

from collections import deque
from collections.abc import Callable
from typing import Annotated

import typer

from omf.messages.message import Message
from omf.topics import catalogue
from omf.topics.filters import FilterIndex, TopicError, matches
from services.cli import rows
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, show, usage
from services.common.process import time_parsing
from services.common.store import journal
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL

LAST_MESSAGES = 10
"""Shown before following, when neither -n nor --since says more."""
Wanted = Callable[[Message], bool]


def command(  # noqa: PLR0913 - the options of DESIGN section 9
    topic_filter: Annotated[
        str,
        typer.Argument(metavar="FILTER", help="An MQTT topic filter, e.g. 'fts/v1/ff/+/state'."),
    ] = JOURNAL,
    *,
    priority: Annotated[
        int | None,
        typer.Option("--class", min=1, max=6, help="Only topics of this priority class or below."),
    ] = None,
    since: Annotated[str, typer.Option(help="10m, 2h, 14:05 or an ISO time.")] = "",
    count: Annotated[int | None, typer.Option("-n", min=0, help="The last COUNT messages.")] = None,
    follow: Annotated[bool, typer.Option(help="Go on with what comes.")] = True,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the messages of a topic filter as they were appended, and go on with what comes.

    With --no-follow and without -n or --since: the whole buffer. A filter without a buffer of its
    own is answered from the narrowest one that covers it. With --since also from the journal, where
    that reaches further back.
    """
    try:
        source = journal.buffer_of(topic_filter)
        _ = time_parsing.moment(since) if since else None
    except (TopicError, ValueError) as error:
        usage(str(error))
    if count is None and not since and follow:
        count = LAST_MESSAGES
    print_one = _json if as_json else _line

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            wanted, start = _wanted(topic_filter, priority), journal.BEGINNING
            last = await journal.last_id(bus, source)
            parts = [(source, last)]
            if since:
                then = time_parsing.moment(since, now=await journal.message_now(bus))
                start = await journal.before(bus, then)
                parts = await journal.parts(bus, topic_filter, last)
            await _past(bus, parts, wanted, start, count, print_one)
            if follow:
                async for batch in bus.follow(source, last):
                    for message in filter(wanted, batch):
                        print_one(message)

    finish(work())


async def _past(
    bus: Bus,
    parts: list[tuple[str, str]],
    wanted: Wanted,
    start: str,
    count: int | None,
    out: Callable[[Message], None],
) -> None:
    """Print what lies there already, of each buffer up to its id."""
    kept: deque[Message] = deque(maxlen=count)
    for source, until in parts:
        async for message in journal.stretch(bus, source, after=start, until=until):
            if not wanted(message):
                continue
            if count is None:
                out(message)
            else:
                kept.append(message)
    for message in kept:
        out(message)


def _wanted(topic_filter: str, priority: int | None) -> Wanted:
    """What of a buffer was asked for."""
    in_class = FilterIndex(catalogue.filters(priority or catalogue.EVERYTHING)).match
    everything = priority in (None, catalogue.EVERYTHING)
    return lambda message: (
        matches(topic_filter, message.topic) and (everything or bool(in_class(message.topic)))
    )


def _json(message: Message) -> None:
    data(rows.message_row(message))


def _line(message: Message) -> None:
    show(rows.message_line(message))
