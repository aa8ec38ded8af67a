"""`omf sequences`: sequences of commands that run or ran; start, hold, continue and cancel one."""

import hashlib
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

from omf.commands.command_types.sequences import (
    MAX_SEQUENCE_NAME,
    SEQUENCE_CANCEL,
    SEQUENCE_CONTINUE,
    SEQUENCE_HOLD,
    SEQUENCE_START,
)
from omf.sequences.reading import as_given, read_sequence
from omf.sequences.run import SequenceRun
from omf.sequences.written import WrittenSequence, every_step
from omf.texts import text
from omf.yaml_files import YamlFileError
from services.cli import rows, sign_in, submission
from services.cli.app import TYPER_OPTIONS
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import EXIT_USAGE, data, fail, finish, show, table
from services.common.process import clock
from services.common.store import sequence_runs
from services.common.store.keys import Role

RUN_COLUMNS = ("run", "title", "state", "step", "since", "by", "why")
START_WAIT_S = 30.0
"""Until orders has decided; the run itself takes as long as its steps."""

UserOption = Annotated[str, typer.Option(help="Who asks; else the user of this machine.")]
RoleOption = Annotated[Role | None, typer.Option(help="Else admin; live: as `omf login`.")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="As `omf sequences` prints it.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="See docs/sequences.md.")]

app = typer.Typer(
    help="Sequences of commands that run or ran, and what may be done with them.",
    **{**TYPER_OPTIONS, "no_args_is_help": False},
)


@app.callback(invoke_without_command=True)
def sequences(
    context: typer.Context,
    *,
    ended: Annotated[bool, typer.Option("--ended", help="Also the last that ended.")] = False,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print every sequence of commands that runs, the oldest first."""
    if context.invoked_subcommand:
        return

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            found = await (sequence_runs.every_run if ended else sequence_runs.open_runs)(bus)
        if as_json:
            for one in found:
                data(one.model_dump(mode="json"))
        else:
            table(RUN_COLUMNS, map(_row, found))

    finish(work())


@app.command("show")
def history(
    run_id: RunArgument,
    *,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the history of one: who started it, and each command it gave."""

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            found = await sequence_runs.every_run(bus)
        one = next((found_run for found_run in found if found_run.id == run_id), None)
        if one is None:
            fail(f"there is no sequence {run_id}; `omf sequences --ended` lists them")
        if as_json:
            data(one.model_dump(mode="json"))
            return
        table(RUN_COLUMNS, [_row(one)])
        for note in one.history:
            what = rows.words(text(f"sequence.passage.{note.passage}"))
            named = (note.place, what, note.kind, note.command_id, note.by)
            said = rows.words(note.said) if note.said else ""
            show("  ".join(part for part in (clock.iso(note.at), *named, said) if part))

    finish(work())


@app.command("check")
def check(files: Annotated[list[Path], typer.Argument(metavar="FILE...")]) -> None:
    """Say what is wrong with files of sequences, with line and mend; exit 2 if anything is."""
    wrong = 0
    for file in files:
        try:
            written = read_sequence(file.read_text(encoding="utf-8"))
        except (YamlFileError, UnicodeDecodeError, OSError) as error:
            wrong += 1
            show(f"{file}: {_flaw(error)}")
        else:
            show(f"{file}: {rows.words(written.title)}, {_count(written)} steps")
    raise typer.Exit(EXIT_USAGE if wrong else 0)


@app.command("start")
def start(  # noqa: PLR0913 - as `omf send`
    file: FileArgument,
    *,
    user: UserOption = "",
    role: RoleOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check each step as things stand; start nothing.")
    ] = False,
    run_id: Annotated[str, typer.Option("--id", help="Of the same id only one ever runs.")] = "",
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Start a file of a sequence; it goes on at the server. Exit codes as `omf send`."""
    try:
        raw = file.read_bytes()
        written = read_sequence(raw.decode())
    except (YamlFileError, UnicodeDecodeError, OSError) as error:
        fail(f"{file}: {_flaw(error)}", EXIT_USAGE)
    given = {
        "name": file.stem[:MAX_SEQUENCE_NAME],
        "version": hashlib.sha256(raw).hexdigest()[:8],
        "title": written.title.to_dict(),
        "steps": as_given(written.steps),
        **({"only": list(written.only)} if written.only else {}),
    }
    who, where = (user, role), (environment, run)
    _ask(SEQUENCE_START, given, who, where, run_id, as_json=as_json, dry_run=dry_run)


@app.command("hold")
def hold(
    run_id: RunArgument,
    *,
    user: UserOption = "",
    role: RoleOption = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Let nothing further of it go out until somebody continues it."""
    _ask(SEQUENCE_HOLD, {"run": run_id}, (user, role), (environment, run), as_json=as_json)


@app.command("continue")
def resume(
    run_id: RunArgument,
    *,
    user: UserOption = "",
    role: RoleOption = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Let one that is held go on, in the name of who says so."""
    _ask(SEQUENCE_CONTINUE, {"run": run_id}, (user, role), (environment, run), as_json=as_json)


@app.command("cancel")
def cancel(
    run_id: RunArgument,
    *,
    user: UserOption = "",
    role: RoleOption = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Let nothing further of it go out, ever; what is under way goes on to its own end."""
    _ask(SEQUENCE_CANCEL, {"run": run_id}, (user, role), (environment, run), as_json=as_json)


def _ask(  # noqa: PLR0913 - as `omf send`
    kind: str,
    given: dict[str, Any],
    who: tuple[str, Role | None],
    where: tuple[Any, Path | None],
    command_id: str = "",
    *,
    as_json: bool,
    dry_run: bool = False,
) -> None:
    environment, run = where
    place = submission.connected(environment, run)
    wanted = {
        "command_id": command_id or str(uuid.uuid4()),
        "kind": kind,
        "parameters": given,
        "environment": environment,
        **sign_in.asker(place, run, *who, dry_run=dry_run),
    }
    if dry_run:
        finish(submission.preview(place, wanted, as_json=as_json))
        return
    finish(submission.send(place, wanted, wait_s=START_WAIT_S, as_json=as_json))


def _row(run: SequenceRun) -> tuple[Any, ...]:
    title, state = rows.words(run.title), rows.words(text(f"sequence.run.{run.state}"))
    step = f"{run.place or '-'}/{run.steps}"
    why = rows.words(run.why) if run.why else ""
    return (run.id, title, state, step, rows.clock_time(run.since), run.operator, why)


def _count(written: WrittenSequence) -> int:
    return sum(1 for _ in every_step(written.steps))


def _flaw(error: Exception) -> str:
    if isinstance(error, YamlFileError):
        return rows.words(error)
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
