"""`omf replay`: a recorded session to the replay broker."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli import sign_in
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import MAX_DAMAGED_LINES, data, fail, say, show, told, usage
from services.common.process import clock
from services.common.sessions.files import Damaged, Recorded, SessionError, read
from services.common.store.environments import is_live, is_replay
from services.common.store.keys import Environment
from services.replay.playback_report import PlaybackReport
from services.replay.player import Player
from services.replay.publisher import BrokerAwayError, ReplayPublisher
from services.replay.timeline import NoTimeline, StoredTimeline, Timeline

PROGRESS_S = 2.0


def command(  # noqa: PLR0913 - the options of DESIGN section 9
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A session, .jsonl or .jsonl.gz.")],
    *,
    speed: Annotated[str, typer.Option(help="Times its own pace, or max.")] = "1",
    start: Annotated[
        float, typer.Option("--from", min=0, help="Begin this many seconds into the session.")
    ] = 0.0,
    loop: Annotated[bool, typer.Option("--loop", help="Again and again until Ctrl-C.")] = False,
    broker: Annotated[str, typer.Option(help="mqtt://host:port instead of the known one.")] = "",
    environment: EnvironmentOption = "replay",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Publish a recorded session in its order; prints what was sent and how exact its pace was.

    With --from the broker gets the retained values of that moment first.

    QoS and retain are those of the true publishers (never below QoS 1). Exit 1 when the broker
    stays away or the file cannot be read to its end.
    """
    pace = _pace(speed)
    if not file.is_file():
        usage(f"{file} is not there.")
    if is_live(environment) and not broker:
        usage("a recording is never played to the live factory; use --environment replay.")
    with told():
        if broker:
            _may_publish_at(broker, environment)
        place = None if broker else connect(environment, run)
        url = broker or (place.mqtt_url if place else "")
        known = place is not None and is_replay(environment)
        timeline = StoredTimeline(place.store_url, environment) if place and known else NoTimeline()
        try:
            report = _play(file, start, url, pace, timeline, loop=loop)
        except (BrokerAwayError, ValueError) as error:
            fail(str(error))
    _tell(report, as_json=as_json)


def _may_publish_at(broker: str, environment: Environment) -> None:
    try:
        sign_in.allowed_at_broker(broker, environment)
    except ValueError as error:
        fail(str(error))


def _pace(speed: str) -> float | None:
    """Times the session's own pace; None for max."""
    if speed == "max":
        return None
    try:
        pace = float(speed)
    except ValueError:
        pace = 0.0
    if not 0 < pace < float("inf"):
        usage(f"--speed {speed}: a number above 0, or max.")
    return pace


def _play(
    file: Path, start: float, url: str, pace: float | None, timeline: Timeline, *, loop: bool
) -> PlaybackReport:
    found, broken = _load(file)
    items = [item for item in found if isinstance(item, Recorded)]
    if not items:
        fail(broken)
    publisher = ReplayPublisher(url)
    publisher.connect()
    player = Player(items, publisher, speed=pace, progress=_Progress(), timeline=timeline)
    player.report.damaged += [item for item in found if isinstance(item, Damaged)]
    player.loop = loop
    try:
        if start:
            player.seek(start)
        player.run()
    except KeyboardInterrupt:
        if not loop:
            raise
    finally:
        publisher.close()
    if broken:
        _tell_damaged(player.report)
        fail(f"{broken} ({player.report.sent} messages before that were sent)")
    return player.report


def _load(file: Path) -> tuple[list[Recorded | Damaged], str]:
    """What can be read, and why not more."""
    found: list[Recorded | Damaged] = []
    try:
        found.extend(read(file))
    except SessionError as error:
        # A file cut short is played as far as it goes.
        return found, str(error)
    return found, ""


class _Progress:
    """One line every few seconds on stderr; a bar that is drawn would delay messages."""

    def __init__(self) -> None:
        self._said = clock.monotonic()

    def __call__(self, player: Player) -> None:
        if clock.monotonic() - self._said > PROGRESS_S:
            self._said = clock.monotonic()
            say(f"{player.report.sent} sent, {player.index} of {player.total}")


def _tell_damaged(report: PlaybackReport) -> None:
    for item in report.damaged[:MAX_DAMAGED_LINES]:
        say(f"line {item.line} is damaged and was left out: {item.why}")


def _tell(report: PlaybackReport, *, as_json: bool) -> None:
    _tell_damaged(report)
    if as_json:
        data(
            {
                "sent": report.sent,
                "damaged": [item.line for item in report.damaged],
                "restored": report.restored,
                "resent": report.resent,
                "duration_s": round(report.duration_s, 3),
                "p99_ms": None if report.p99_ms is None else round(report.p99_ms, 3),
            }
        )
        return
    pace = "" if report.p99_ms is None else f", p99 of the timing error {report.p99_ms:.1f} ms"
    damaged = f", {len(report.damaged)} damaged lines left out" if report.damaged else ""
    again = f", {report.resent} sent again after a broken link" if report.resent else ""
    show(f"sent {report.sent} messages in {report.duration_s:.1f} s{pace}{damaged}{again}")
