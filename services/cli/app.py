"""The list of commands."""

import typer

from services.cli import (
    analyse,
    audit,
    backup,
    brackets,
    buffers,
    commands,
    control,
    doctor,
    mock,
    record,
    replay,
    restore,
    schema,
    send,
    session,
    state,
    station,
    status,
    tail,
    token,
    up,
    user,
)

app = typer.Typer(
    name="omf",
    help="See and steer a fischertechnik APS model factory. `omf up` starts a mock one here.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    *(
        up,
        status,
        state,
        tail,
        buffers,
        send,
        commands,
        brackets,
        control,
        audit,
        record,
        replay,
        analyse,
        mock,
        doctor,
    ),
    *(backup, restore, schema, token),
):
    app.command(name=module.__name__.rpartition(".")[2])(module.command)
app.add_typer(session.app, name=station.GROUP)
app.add_typer(user.app, name="user")
