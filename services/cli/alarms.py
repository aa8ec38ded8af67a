"""`omf alarms`: the alarms that are not settled, and what became of each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from omf.alarms.alarm_texts import rule_action
from omf.alarms.causes import alike
from omf.alarms.kpis import stale
from omf.alarms.life import AlarmEntry, AlarmLife, AlarmLoad
from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import SEVERITIES, AlarmRule, AlarmRules, with_site
from omf.texts import text
from omf.yaml_files import YamlFileError
from services.cli import rows
from services.cli.app import TYPER_OPTIONS
from services.cli.connection import archive_storage, connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, say, show, table, usage
from services.cli.rows import clock_time
from services.common.process import clock, time_parsing
from services.common.store.alarm_lives import ALARMS, read_lives, read_owner
from services.common.store.alarm_rules import StoredRules, read_rules

ALARM_COLUMNS = ("alarm", "priority", "state", "since", "who", "what")
app = typer.Typer(
    help="The alarms that are not settled, and what became of them.",
    **{**TYPER_OPTIONS, "no_args_is_help": False},
)


@app.callback(invoke_without_command=True)
def alarms(
    context: typer.Context,
    *,
    history: Annotated[
        int, typer.Option("--history", min=0, help="Instead the last COUNT passages.")
    ] = 0,
    explained: Annotated[
        bool, typer.Option("--explained", help="Also those that a line stands for, under it.")
    ] = False,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the alarms that are not settled, those that wait for a person first.

    `omf send alarm-acknowledge alarm=...` acknowledges one; `omf send --list` names the other acts.
    Exit 1 while their owner is away: what is printed then is how it was left.
    """
    if context.invoked_subcommand:
        return

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            if history:
                for entry_id, entry in await bus.newest_models(ALARMS, AlarmEntry, history):
                    _passage(entry_id, entry, at=clock_time(entry.at), as_json=as_json)
                return
            lives, owner = await read_lives(bus), await read_owner(bus)
            now = await bus.time()
        alive = owner is not None and not owner.silent(now)
        known = (owner.load if owner else AlarmLoad(), now)
        _list(lives, known, as_json=as_json, explained=explained)
        if not alive:
            fail("the owner of the alarms is away: start it, or look into its log")

    finish(work())


@app.command("history")
def passages(  # noqa: PLR0913 - one option for each way to narrow it
    *,
    start: Annotated[str, typer.Option("--from", help="7d (ago), 14:05 or an ISO time.")] = "",
    end: Annotated[str, typer.Option("--to", help="As --from; else now.")] = "",
    device: Annotated[str, typer.Option(help="Serial of what it is about.")] = "",
    rule: Annotated[str, typer.Option(help="As docs/alarms.md names it.")] = "",
    priority: Annotated[
        int | None, typer.Option(min=1, max=len(SEVERITIES), help="1 is the most urgent.")
    ] = None,
    state: Annotated[
        AlarmState | None, typer.Option(help="The state that the passage led to.")
    ] = None,
    contained: Annotated[str, typer.Option("--text", help="Only what contains this.")] = "",
    alarm: Annotated[str, typer.Option(help="Only of this alarm, by its id.")] = "",
    count: Annotated[int, typer.Option("-n", min=1, help="The newest of them.")] = 100,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print what became of alarms, from the archive and from the store, oldest first."""
    # Of the archive's libraries the list of what stands needs none.
    from services.history.alarm_search import (  # noqa: PLC0415
        PassageQuestion,
        find_passages,
    )
    from services.history.reader import History  # noqa: PLC0415

    asked = PassageQuestion(
        _ms(start), _ms(end), alarm, device, rule, priority, state, contained, limit=count
    )

    async def work() -> None:
        history = History(archive_storage(environment, run))
        async with connect(environment, run).bus() as bus:
            found = await find_passages(bus, history, asked)
        for entry_id, entry in reversed(found.entries):
            _passage(entry_id, entry, at=clock.iso(entry.at), as_json=as_json)
        if found.more:
            say(f"There are older ones than these {count}; ask for more with -n.")
        for fault in history.faults:
            say(fault)

    finish(work())


RULE_COLUMNS = ("rule", "priority", "respond", "delays and limits", "site", "what to do")


@app.command("rules")
def rules_in_force(
    *,
    check: Annotated[
        Path | None, typer.Option(help="Instead check this file of a site; nothing is changed.")
    ] = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the rules that are in force; docs/alarms.md says what each means and how to change it.

    Exit 1 if the file that `--check` names, or the one the service was given, has a fault.
    """
    if check is not None:
        _rules(_checked(check), as_json=as_json)
        return

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            stored = await read_rules(bus) or StoredRules()
        _rules(stored.in_force(), as_json=as_json)
        if stored.fault is not None:
            fail(rows.words(stored.fault))

    finish(work())


def _checked(path: Path) -> AlarmRules:
    try:
        return with_site(path.read_text("utf-8"))
    except YamlFileError as error:
        fail(f"{path}: {rows.words(error.text)}")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path}: {error}")


def _rules(rules: AlarmRules, *, as_json: bool) -> None:
    if as_json:
        for name, rule in rules.rules.items():
            data({"rule": name, **rule.model_dump(mode="json"), "site": name in rules.changed})
        return
    say(f"version {rules.version}")
    table(RULE_COLUMNS, (_rule(name, rule, rules) for name, rule in rules.rules.items()))


def _rule(name: str, rule: AlarmRule, rules: AlarmRules) -> tuple[Any, ...]:
    delays = {"on_delay_s": rule.on_delay_s, "off_delay_s": rule.off_delay_s}
    numbers = {**{key: value for key, value in delays.items() if value}, **rule.parameters}
    told = " ".join(f"{key}={value:g}" for key, value in numbers.items())
    changed = "changed" if name in rules.changed else ""
    priority = rule.priority if rule.enabled else "off"
    what = rows.words(rule_action(rules, name))
    return (name, priority, f"{rule.respond_s:g} s", told, changed, what)


def _ms(given: str) -> int | None:
    try:
        return round(time_parsing.moment(given) * 1000) if given else None
    except ValueError as error:
        usage(str(error))


def _list(
    lives: Mapping[str, AlarmLife],
    known: tuple[AlarmLoad, float],
    *,
    as_json: bool,
    explained: bool,
) -> None:
    """`known`: what the owner says of all of them, and the store's time."""
    found = sorted(lives.values(), key=_urgency)
    if as_json:
        for life in found:
            data({**life.model_dump(mode="json"), "priority": life.priority})
        return
    under = {life.id: [one for one in found if one.cause == life.id] for life in found}
    shown = [life for life in found if life.cause not in under]
    in_line = _in_line(shown, known[0])
    merged = {one.id for others in in_line.values() for one in others}
    shown = [life for life in shown if life.id not in merged]
    if not shown:
        say("no alarms")
        return
    lines = list[tuple[Any, ...]]()
    for life in shown:
        others = {"explains": under[life.id], "alike": in_line.get(life.id, [])}
        lines.append((life.id, *_row(life, others, _flags(life, *known))))
        for one in (*others["explains"], *others["alike"]) if explained else ():
            lines.append((f"  {one.id}", *_row(one, {}, _flags(one, *known))))
    table(ALARM_COLUMNS, lines)


def _in_line(shown: list[AlarmLife], load: AlarmLoad) -> dict[str, list[AlarmLife]]:
    """While a flood lasts, what stands in one line with the first of its rule."""
    if load.flood_since is None:
        return {}
    by_id = {life.id: life for life in shown}
    groups = alike((life.id, life.rule) for life in shown)
    return {first: [by_id[name] for name in others] for first, others in groups.items()}


def _urgency(life: AlarmLife) -> tuple[bool, int, str]:
    return (not life.asks, SEVERITIES.index(life.severity), life.id)


def _flags(life: AlarmLife, load: AlarmLoad, now: float) -> list[str]:
    flags = {"alarms.chatters": life.id in load.chattering, "alarms.stale": stale(life, now)}
    return [rows.words(text(key)) for key, holds in flags.items() if holds]


def _row(
    life: AlarmLife, others: Mapping[str, list[AlarmLife]], flags: list[str]
) -> tuple[Any, ...]:
    state = " · ".join((rows.words(text(f"alarm_state.{life.state}")), *flags))
    who = life.hidden_by or life.acknowledged_by
    what = rows.words(life.text)
    if life.suppressed is not None and not life.cause:
        what = f"{what} ({rows.words(life.suppressed)})"
    for key, found in others.items():
        if found:
            what = f"{what} · {rows.words(text(f'alarms.{key}', count=len(found)))}"
    return (life.priority, state, clock_time(life.raised_at), who, what)


def _passage(entry_id: str, entry: AlarmEntry, *, at: str, as_json: bool) -> None:
    if as_json:
        data({"id": entry_id, **entry.model_dump(mode="json")})
        return
    who = f"  by {entry.who}" if entry.who else ""
    why = entry.reason or (rows.words(entry.why) if entry.why else "")
    because = f": {why}" if why else ""
    show(rows.short(f"{at}  {entry.alarm}  {entry.event}{who}{because}"))
