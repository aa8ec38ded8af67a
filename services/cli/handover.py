"""`omf alarms handover`: the shift that is to be handed over, and the last ones that were."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.alarms import app
from services.cli.connection import archive_storage, connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, say, show
from services.common.process import clock
from services.common.process.settings import ServiceSettings

if TYPE_CHECKING:
    from omf.alarms.handover import SignedHandover
    from services.history.handovers import ShiftNow


@app.command("handover")
def handover(
    *,
    count: Annotated[int, typer.Option("-n", min=0, help="So many of the last ones.")] = 5,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the shift that is to be handed over, or waits to be taken, and the last ones.

    `omf send handover-give note=...` gives it, `omf send handover-take` takes it.
    """
    # Of the archive's libraries the list of what stands needs none.
    from services.history.handovers import last_handovers, shift_now  # noqa: PLC0415
    from services.history.reader import History  # noqa: PLC0415

    async def work() -> None:
        history = History(archive_storage(environment, run))
        async with connect(environment, run).bus() as bus:
            now = await shift_now(bus, ServiceSettings.read().shift_calendar)
            last = await last_handovers(bus, history, count) if count else []
        _shift(now, as_json=as_json)
        for one in last:
            _signed(one, as_json=as_json)
        for fault in history.faults:
            say(fault)

    finish(work())


def _shift(now: "ShiftNow", *, as_json: bool) -> None:
    shift, waiting, report = now
    if as_json:
        given = waiting.model_dump(mode="json") if waiting else None
        told = {"shift": shift.name, "since": shift.since, "until": shift.until, "waiting": given}
        data({**told, "report": report.model_dump(mode="json")})
        return
    show(f"{shift.name}  {clock.iso(shift.since)} to {clock.iso(shift.until)}")
    if waiting:
        show(f"given by {waiting.who} at {clock.iso(waiting.at)}, waits to be taken: {waiting.id}")
        show(*(f"  {line}" for line in waiting.note.splitlines()))
    for name in ("standing", "shelved", "out_of_service"):
        alarms = getattr(report, name)
        show(f"{name.replace('_', ' ')}: {len(alarms)}")
        for one in alarms:
            until = f" until {clock.iso(one.until)}" if one.until is not None else ""
            why = f": {one.reason}" if one.reason else ""
            by = f" by {one.by}" if one.by else ""
            show(f"  {one.priority}  {one.alarm}  {one.state}{by}{until}{why}")
    show(f"suppressed: {report.suppressed}", f"comments: {len(report.comments)}")
    for said in report.comments:
        show(f"  {clock.iso(said.at)}  {said.by}  {said.alarm}: {said.words}")
    figures = report.figures
    rate = f"{figures.per_ten_minutes:.2f} in ten minutes"
    show(f"raised: {figures.raised}, {rate}, {figures.flood_share:.1%} of the time in a flood")


def _signed(one: "SignedHandover", *, as_json: bool) -> None:
    if as_json:
        data(one.model_dump(mode="json"))
        return
    given, end = one.given.given, one.end
    if given:
        ended = f", {end.event} by {end.who} at {clock.iso(end.at)}" if end else ""
        show(f"{given.shift}  given by {given.who} at {clock.iso(given.at)}{ended}")
