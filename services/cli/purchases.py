"""`omf purchases`: what of each colour is needed, and what was ordered and has come in."""

from typing import Annotated, Any

import typer

from omf.purchases.account import Purchase
from omf.purchases.demand import demands
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, say, table
from services.common.process import clock
from services.common.store import purchases
from services.common.store.fold_reader import state_until

DEMAND_COLUMNS = ("colour", "bays", "stored", "storing", "needed", "ordered", "to order")
PURCHASE_COLUMNS = ("purchase", "colour", "amount", "came", "by", "since", "ended", "note")


def command(
    *,
    ended: Annotated[
        bool, typer.Option("--ended", help="Also the last that came in or were withdrawn.")
    ] = False,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the demand of each colour and the purchases that are open.

    `omf send purchase-enter colour=RED amount=2` enters one, `omf send purchase-withdraw
    purchase=ID` withdraws it; the storage orders of its colour close it.
    """

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            accounts = await purchases.read_purchases(bus)
            state = await state_until(bus)
        found = demands(state, accounts)
        listed = [one for account in accounts for one in account.open]
        if ended:
            listed += [one for account in accounts for one in account.ended]
        if as_json:
            wanted = (one._asdict() | {"needed": one.needed} for one in found)
            rows: list[dict[str, Any]] = [{"demand": one} for one in wanted]
            for row in (*rows, *({"purchase": one.model_dump(mode="json")} for one in listed)):
                data(row)
            return
        table(
            DEMAND_COLUMNS,
            [tuple("?" if cell is None else cell for cell in _demand(one)) for one in found],
        )
        say("")
        table(PURCHASE_COLUMNS, [_row(one) for one in listed])

    finish(work())


def _demand(one: Any) -> tuple[Any, ...]:
    return (
        *(one.colour, one.capacity, one.stored, one.storing),
        *(one.needed, one.purchased, one.to_order),
    )


def _row(one: Purchase) -> tuple[Any, ...]:
    over = "" if one.ended_at is None else clock.iso(one.ended_at)
    since = clock.iso(one.created_at)
    came = len(one.stored)
    who = f"{over} withdrawn by {one.withdrawn_by}" if one.withdrawn_by else over
    return (one.id[:8], one.colour, one.amount, came, one.operator, since, who, one.note)
