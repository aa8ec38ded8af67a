"""`omf why`: a short account of an order, a piece, a module, a vehicle, a command or an alarm."""

from typing import Annotated

import typer

from services.cli.connection import archive_storage, connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, say, show, table
from services.cli.rows import language
from services.common.process import clock
from services.common.store import fold_reader
from services.common.store.journal import message_now
from services.history.accounts import account
from services.history.reader import History


def command(
    wanted: Annotated[
        str, typer.Argument(help="A tag, an order, a serial, an alarm or a command, by its id.")
    ],
    *,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Say why it is as it is: facts only, each with the messages it follows from."""

    async def work() -> None:
        history = History(archive_storage(environment, run))
        async with connect(environment, run).bus() as bus:
            state = await fold_reader.state_until(bus)
            found = await account(bus, history, state, wanted, await message_now(bus))
        for fault in history.faults:
            say(fault)
        if found is None and history.faults:
            fail(f"The archive could not be read, so whether {wanted} is known cannot be said.")
        if found is None:
            fail(f"Nothing is known of {wanted}; name a tag, order, serial, alarm or command.")
        if as_json:
            for one in found.clauses:
                words = one.text.in_(language())
                data({**one._asdict(), "text": words, "evidence": list(one.evidence)})
            return
        show(found.name.in_(language()))
        rows = []
        for one in found.clauses:
            at = clock.iso(one.at) if one.at is not None else "now"
            rows.append((at, one.text.in_(language()), " ".join(one.evidence) or one.subject))
        table(("time", "what", "from"), rows)

    finish(work())
