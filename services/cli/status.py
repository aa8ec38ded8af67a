"""`omf status`: is everything all right, and since when."""

from services.cli import health, moments
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, table
from services.common.process import clock

STATUS_COLUMNS = (
    "part",
    "environment",
    "state",
    "since",
    "rate/s",
    "lag",
    "last message",
    "detail",
)


def command(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print how every part, server and link is; exit 1 if anything is not healthy."""

    async def work() -> None:
        found = [row async for row in health.rows(connect(environment, run))]
        if as_json:
            for row in found:
                data(row.as_json())
        else:
            table(STATUS_COLUMNS, map(_cells, found))
        if ill := health.unhealthy(found):
            fail(f"not healthy: {', '.join(map(_ill, ill))}")

    finish(work())


def _cells(row: health.Row) -> tuple[object, ...]:
    since = None if row.since is None else moments.age(clock.now() - row.since)
    rate = None if row.rate is None else f"{row.rate:.1f}"
    age = None if row.age_s is None else moments.age(row.age_s)
    detail = "; ".join(filter(None, (row.detail, *row.notes)))
    return (row.part, row.environment, row.state, since, rate, row.lag, age, detail)


def _ill(row: health.Row) -> str:
    return f"{row.part} ({': '.join(filter(None, (row.state, row.detail)))})"
