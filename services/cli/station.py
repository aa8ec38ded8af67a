"""`omf session play` and the controls of what is being played: they join those of session.py."""

import asyncio
from typing import Annotated

import typer

from omf.messages.stream_id import StreamId
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, show, usage
from services.cli.session import NameArgument, app, on_bus
from services.cli.sign_in import login_name
from services.common.process import clock
from services.common.sessions import station
from services.common.sessions.station import ReplayControl, ReplayStatus
from services.common.store.bus import Bus
from services.common.store.keys import Environment

STATION_ANSWERS_S = 10.0
STATUS_POLL_S = 0.1
SIMPLE_CONTROLS = {
    "pause": "Stand still.",
    "resume": "Go on.",
    "step": "Send one message and stand still.",
    "stop": "End the session being played.",
}


@app.command("play")
def play(
    name: NameArgument,
    *,
    speed: Annotated[str, typer.Option(help="Times its own pace, or max.")] = "",
    environment: EnvironmentOption = "replay",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Play an imported session in the replay environment; it can be controlled while it runs."""
    wishes = [ReplayControl(action="speed", value=speed)] if speed else []
    wishes.append(ReplayControl(action="play", value=name))
    _ask(environment, run, wishes, as_json=as_json)


@app.command("seek")
def seek(
    seconds: Annotated[float | None, typer.Argument(min=0, help="Into the session.")] = None,
    *,
    order: Annotated[str, typer.Option(help="To the first message naming this order.")] = "",
    environment: EnvironmentOption = "replay",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Go to a time or an order; the broker gets the retained values of that moment."""
    if (seconds is None) == (not order):
        usage("name the seconds, or --order ID.")
    wish = ReplayControl(action="seek_order", value=order)
    if seconds is not None:
        wish = ReplayControl(action="seek", value=str(seconds))
    _ask(environment, run, [wish], as_json=as_json)


@app.command("jump")
def jump(
    topic_filter: Annotated[str, typer.Argument(metavar="FILTER")],
    *,
    environment: EnvironmentOption = "replay",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Go to the next message of a topic filter and send it."""
    _ask(environment, run, [ReplayControl(action="jump", value=topic_filter)], as_json=as_json)


@app.command("speed")
def speed(
    pace: Annotated[str, typer.Argument(metavar="X", help="Times its own pace, or max.")],
    *,
    environment: EnvironmentOption = "replay",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Play at another pace from now on."""
    _ask(environment, run, [ReplayControl(action="speed", value=pace)], as_json=as_json)


@app.command("loop")
def loop(
    *,
    on: Annotated[bool, typer.Option("--on/--off", help="Begin again at the end.")] = True,
    part: Annotated[str, typer.Option(help="Only these seconds of it, e.g. 12.5-60.")] = "",
    environment: EnvironmentOption = "replay",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Play the session or a part of it again and again, or only to its end."""
    if part and not on:
        usage("--part repeats, --off does not: name one of them.")
    wish = ReplayControl(action="loop", value=part or ("on" if on else "off"))
    _ask(environment, run, [wish], as_json=as_json)


@app.command("control")
def control(
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help=", ".join(SIMPLE_CONTROLS), show_default=False)
    ],
    *,
    environment: EnvironmentOption = "replay",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Pause, resume, step or stop what is being played."""
    if action not in SIMPLE_CONTROLS:
        usage(f"{action}: known are {', '.join(SIMPLE_CONTROLS)}.")
    wish = ReplayControl.model_validate({"action": action})
    _ask(environment, run, [wish], as_json=as_json)


@app.command("status")
def status(
    *, environment: EnvironmentOption = "replay", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print what the station does and which sessions it has."""
    _ask(environment, run, [], as_json=as_json)


def _ask(
    environment: Environment, run: RunOption, wishes: list[ReplayControl], *, as_json: bool
) -> None:
    async def work(bus: Bus) -> None:
        control_id = "0-0"
        for wish in wishes:
            named = wish.model_copy(update={"operator": login_name()})
            control_id = await station.control(bus, named)
        now = await _answer(bus, control_id)
        if now.refused and wishes:
            fail(now.refused)
        data(now.model_dump(mode="json")) if as_json else _tell(now)

    on_bus(environment, run, work)


async def _answer(bus: Bus, control_id: str) -> ReplayStatus:
    deadline = clock.monotonic() + STATION_ANSWERS_S
    while True:
        now = await station.status(bus)
        if now and StreamId.parse(now.control) >= StreamId.parse(control_id):
            return now
        if clock.monotonic() > deadline:
            fail("the session station does not answer; does it run? See `omf status`.")
        await asyncio.sleep(STATUS_POLL_S)


def _tell(now: ReplayStatus) -> None:
    pace = "max" if now.speed is None else f"{now.speed:g}x"
    show(
        f"{now.state} {now.session} {now.position_s:.1f} of {now.length_s:.1f} s, "
        f"message {now.index} of {now.total}, {pace}{', loop' if now.loop else ''}"
    )
    if not now.session:
        show(f"sessions: {', '.join(now.sessions) or 'none; see `omf session import`'}")
