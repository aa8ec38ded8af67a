"""`omf chain`: what a message follows from, and what followed from it."""

from typing import Annotated

import typer

from omf.analysis.message_chain import MessageChain
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.texts import text
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, table, usage
from services.cli.rows import language
from services.common.process import clock
from services.common.store import journal
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL
from services.common.store.message_chains import read_chain


def command(
    message_id: Annotated[
        str, typer.Argument(metavar="ID", help="Of the message, as `omf tail --json` prints it.")
    ],
    *,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print what caused a message and what it caused, by the ids that messages name.

    What only device and time join is marked as inferred.
    """

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            wanted = await _message(bus, message_id)
            chain = await read_chain(bus, wanted)
        for link in chain.links if as_json else ():
            data(link._asdict())
        if not as_json:
            table(("", "time", "topic", "id", "from"), _rows(chain))

    finish(work())


async def _message(bus: Bus, message_id: str) -> Message:
    try:
        before = journal.just_before(message_id)
    except ValueError:
        usage(f"{message_id!r} is no id of a message; one looks like 1795990575261-0.")
    found = await bus.messages(JOURNAL, after=before, until=message_id, count=1)
    if not found:
        fail(f"No message {message_id} is kept.")
    return found[0]


def _rows(chain: MessageChain) -> list[tuple[object, ...]]:
    ordered = sorted(chain.messages.values(), key=lambda one: StreamId.parse(one.id))
    place = {one.id: number for number, one in enumerate(ordered, 1)}
    rows: list[tuple[object, ...]] = []
    for one in ordered:
        reasons = [
            f"{place[link.cause]}: {text(f'chain.by.{link.by}').in_(language())}"
            + (f" ({text('chain.inferred').in_(language())})" if link.inferred else "")
            for link in chain.links
            if link.effect == one.id
        ]
        mark = "*" if one.id == chain.wanted.id else ""
        told = (clock.iso(one.received_at), one.topic, one.id, "; ".join(reasons))
        rows.append((f"{mark}{place[one.id]}", *told))
    return rows
