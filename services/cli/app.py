"""The list of commands. Only the one that is called is imported, so that `omf` answers at once."""

import gc
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMAND_HELP = {
    "up": "Start everything here and watch it: store, brokers, services, mock.",
    "status": "Print how every part, server and link is.",
    "state": "Print the state of the factory as JSON.",
    "why": "Say why an order, a piece, a module, a vehicle or an alarm is as it is.",
    "chain": "Print what caused a message, and what it caused.",
    "changes": "Print what changed between two moments.",
    "run": "Begin and end planning runs.",
    "report": "Print how a shift was: orders, quality, OEE, vehicles, alarms, disturbances.",
    "workpieces": "Print the lives of workpieces: where each is and what happened to it.",
    "tail": "Print the messages of a topic filter, and what comes.",
    "buffers": "Print what is mirrored and how much of it is kept.",
    "send": "Submit a command and print its stages.",
    "commands": "Print what became of every command.",
    "brackets": "Print every sequence of a module under way.",
    "sequences": "Print the sequences of commands that run; start, hold, continue, cancel one.",
    "plans": "Print the plans of orders, and when each is due next.",
    "purchases": "Print what of each colour is needed, ordered and has come in.",
    "config": "What the site says of its factory: names, tags, links; to a file and back.",
    "alarms": "Print the alarms that are not settled.",
    "drift": "Print fields that are not as they were learned, and who reads them.",
    "notifications": "Print who would be told of alarms now, and which address fails.",
    "control": "Print who has control of the factory.",
    "audit": "Print who asked for what, and how it was decided.",
    "record": "Write a time range of the journal as a session file.",
    "history": "What the archive holds, questions to it, and whether it is whole.",
    "replay": "Publish a recorded session.",
    "analyse": "Say what happened in a session.",
    "mock": "Run the mock factory.",
    "doctor": "Say what is wrong here and how to mend it.",
    "evidence": "Write what an auditor asks for: requirements, tests, SBOM, rights.",
    "backup": "Copy all that is kept of an environment.",
    "restore": "Put a copy back.",
    "schema": "Compare a session with the message models.",
    "login": "Sign in for commands to the live factory.",
    "logout": "Forget the sign-in of `omf login`.",
    "token": "Print a new token for the HTTP door.",
    "golden": "Keep sessions as test cases, and say what would be different now.",
    "session": "Name, list, import and play sessions.",
    "user": "Accounts of the pages.",
}
"""The list that `omf --help` shows; what a command says of itself is in its module."""
COMMAND_MODULES = {"session": "station", "history": "history_export", "alarms": "handover"}
"""Modules that complete a group of commands: station that of session, and so on."""
TYPER_OPTIONS: dict[str, Any] = {
    "no_args_is_help": True,
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}


class LazyGroup(TyperGroup):
    """A group that imports a command's module when the command is called."""

    def __init__(self, **attributes: Any) -> None:
        """The commands by name only: enough to list them and to name the nearest to a typo."""
        super().__init__(**attributes)
        self.commands = {name: TyperCommand(name, help=text) for name, text in COMMAND_HELP.items()}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command with its options; None where the list has none of that name."""
        return loaded(cmd_name) if cmd_name in self.commands else super().get_command(ctx, cmd_name)

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        """Write the list without loading what stands in it."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMAND_HELP.items()))


def loaded(name: str) -> Any:
    """The click command of that name, from its module."""
    gc.disable()  # nothing of what imports allocate is garbage: the search takes a tenth of them
    module = import_module(f"services.cli.{COMMAND_MODULES.get(name, name)}")
    gc.enable()
    group = getattr(module, "app", None)
    if group is None:
        group = typer.Typer(**TYPER_OPTIONS)
        group.command(name=name)(module.command)
    command = get_command(group)
    command.name = name
    return command


app = typer.Typer(
    name="omf",
    help="See and steer a fischertechnik APS model factory. `omf up` starts a mock one here.",
    cls=LazyGroup,
    **TYPER_OPTIONS,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer gives it so
    if wanted:
        typer.echo(import_module("omf").__version__)
        raise typer.Exit


@app.callback()
def _group(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """See and steer a fischertechnik APS model factory. `omf up` starts a mock one here."""
    # Every command needs both, and the list of commands neither.
    from services.cli.output import told  # noqa: PLC0415
    from services.common.store.environments import factories  # noqa: PLC0415

    with told():
        factories()
