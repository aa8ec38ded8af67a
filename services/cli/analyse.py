"""`omf analyse`: what a session tells, as text, JSON or a report to look at."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from omf.analysis import Analysis, Comparison, analyse, compare
from omf.texts import Language
from services.cli.options import JsonOption
from services.cli.output import MAX_DAMAGED_LINES, data, fail, say, show, table, told
from services.cli.rows import language as own_language
from services.common.sessions.files import Damaged, SessionError, read, stamped

TRAFFIC = {
    "identical": "identical: the same messages in the same order",
    "interleaved": "the same on each topic, in another order between the topics",
    "counts": "as many messages on each topic, with other content",
    "different": "the traffic differs",
}


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A session, .jsonl or .jsonl.gz.")],
    *,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write a report with plots here.")
    ] = None,
    other: Annotated[
        Path | None, typer.Option("--compare", metavar="OTHER", help="Hold it against this one.")
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="In which the report opens; it has all.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what happened in a session: orders, steps against usual times, losses, alarms, the end.

    Exit 1 when a file cannot be read to its end; a damaged line is named and left out.
    """
    with told():
        result = _analysis(file)
        against = _analysis(other) if other else None
        held = compare(result, against) if against else None
        if html:
            from services.replay import report  # noqa: PLC0415 - plotly takes a second to import

            pair = (other.name, held) if other and held else None
            report.write(
                html, file.name, result, language=language or own_language(), comparison=pair
            )
            say(f"report: {html}")
    _tell(result, held, as_json=as_json)


def _analysis(path: Path) -> Analysis:
    damaged: list[Damaged] = []
    try:
        items = list(read(path))
        damaged = [item for item in items if isinstance(item, Damaged)]
        result = analyse(list(stamped(items)))
    except SessionError as error:
        fail(str(error))
    for item in islice(damaged, MAX_DAMAGED_LINES):
        say(f"{path}, line {item.line} is damaged and was left out: {item.why}")
    if len(damaged) > MAX_DAMAGED_LINES:
        say(f"{path}: {len(damaged)} damaged lines in all")
    return result


def _tell(result: Analysis, held: Comparison | None, *, as_json: bool) -> None:
    if as_json:
        compared = {"comparison": held.model_dump(mode="json")} if held else {}
        data({**result.model_dump(mode="json"), **compared})
        return
    show(
        f"{result.messages} messages on {len(result.topics)} topics in {result.duration_s:.0f} s, "
        f"{len(result.orders)} orders, {len(result.alarms)} alarms, "
        f"{len(result.silences)} silences, {len(result.rejects)} unreadable"
    )
    table(
        ("order", "state", "step", "seconds", "usual", "verdict"),
        (
            (
                f"{order.type} {order.colour}",
                order.state,
                step.name,
                None if step.duration_s is None else f"{step.duration_s:.1f}",
                None if step.usual is None else f"{step.usual.usual:.1f}",
                step.verdict,
            )
            for order in result.orders
            for step in order.steps
        ),
    )
    if held:
        _tell_pairs(held)


def _tell_pairs(held: Comparison) -> None:
    show("")
    table(
        ("order", "outcome A", "outcome B"),
        (
            (f"{pair.type} {pair.colour}", _outcome(pair.states_a), _outcome(pair.states_b))
            for pair in held.orders
        ),
    )
    show("")
    table(
        ("step", "usual", "A", "B", "seconds A", "seconds B"),
        (
            (
                pair.name,
                None if pair.usual is None else f"{pair.usual.usual:.1f}",
                pair.a.count,
                pair.b.count,
                None if pair.a.median_s is None else f"{pair.a.median_s:.1f}",
                None if pair.b.median_s is None else f"{pair.b.median_s:.1f}",
            )
            for pair in held.steps
        ),
    )
    show(TRAFFIC[held.verdict])


def _outcome(states: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in states.items()) or "-"
