"""`omf brackets`: commands of several steps under way, and what each waits for."""

from typing import Any

from services.cli import rows
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, table
from services.cli.rows import clock_time
from services.common.store import brackets
from services.common.store.brackets import OpenBracket

BRACKET_COLUMNS = ("order_id", "device", "kind", "step", "state", "since", "by", "what")


def command(
    *,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print every open bracket: a command of several steps, with its present step.

    `omf send bracket-next order_id=...` releases the step that waits,
    `omf send bracket-cancel order_id=...` lets no further step go.
    """

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            found = await brackets.every(bus)
        if as_json:
            for bracket in found:
                data(bracket.model_dump(mode="json"))
        else:
            table(BRACKET_COLUMNS, map(_row, found))

    finish(work())


def _row(bracket: OpenBracket) -> tuple[Any, ...]:
    place = f"{bracket.step + 1}/{bracket.steps}"
    state = "cancelled" if bracket.cancelled_by else "waits" if bracket.waiting else "runs"
    named = (bracket.order_id, bracket.device, bracket.kind, place, state)
    return (*named, clock_time(bracket.since), bracket.operator, rows.words(bracket))
