"""`omf audit`: who asked for what, from where, why, and what came of it; and whether that holds."""

from typing import Annotated

import typer

from services.cli import rows
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, say, show
from services.cli.rows import clock_time
from services.common.store.audit import Break, verify
from services.common.store.keys import AuditRecord

LAST_RECORDS = 50


def command(
    *,
    check: Annotated[
        bool, typer.Option("--verify", help="Check the whole chain; exit 1 where it breaks.")
    ] = False,
    count: Annotated[int, typer.Option("-n", min=1, help="The last COUNT records.")] = LAST_RECORDS,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the audit, newest last: each decision, and in a second record its outcome.

    With --verify nothing is listed; it says how many records hold, and exits 1 at the first that
    was changed (`altered`) or is missing (`gap`).
    """

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            if check:
                _verdict(*await verify(bus), as_json=as_json)
                return
            found = await bus.newest_models("audit", AuditRecord, count)
        for entry_id, record in found:
            if as_json:
                data({"id": entry_id, **record.model_dump(mode="json")})
            else:
                show(*_lines(record))

    finish(work())


def _verdict(holding: int, broken: Break | None, *, as_json: bool) -> None:
    if as_json:
        data({"holding": holding, "broken": broken and broken._asdict()})
    else:
        (show if broken is None else say)(f"{holding} records hold")
    if broken is not None:
        place = "at the end" if broken.entry_id == "+" else f"at {broken.entry_id}"
        fail(f"the audit does not hold {place}: {broken.what}")


def _lines(record: AuditRecord) -> list[str]:
    asked = record.command
    given = " ".join(f"{name}={value}" for name, value in asked.parameters.items())
    who = f"by {asked.operator} ({asked.role}) from {asked.source or '?'}"
    why = f", because: {asked.note}" if asked.note else ""
    unmet = [check.id for check in record.checks if check.met is not True]
    before = [f"{rows.BELOW}not met: {', '.join(unmet)}"] if unmet else []
    reasons = (f"{rows.BELOW}{rows.words(reason)}" for reason in record.reasons)
    said = f"{record.part} {record.decision}"
    text = f"{clock_time(record.at)}  {said:<18}  {asked.kind} {given}  {who}{why}"
    return [rows.short(text), *before, *reasons]
