"""`omf up`: the whole system on this machine."""

import os
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from services.cli.output import show, told
from services.supervisor.supervisor import Supervisor
from services.supervisor.up_options import UpOptions, parse_environments, usual_environments


def command(
    *,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of everything that is kept.")
    ] = Path("data"),
    environments: Annotated[
        str,
        typer.Option(
            "--environments",
            "--environment",
            "-e",
            metavar="NAMES",
            help="Which factories, comma separated; else mock,replay, or all that OMF_FACTORIES "
            "names.",
        ),
    ] = "",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Of the pages; else the next.")
    ] = 8080,
    host: Annotated[str, typer.Option(help="Address the pages listen on.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option(help="Open the pages when ready.")] = True,
    external: Annotated[
        bool,
        typer.Option(
            "--external",
            help="Use the store OMF_STORE_URL and the brokers OMF_<ENVIRONMENT>_MQTT_URL.",
        ),
    ] = False,
) -> None:
    """Start everything here and watch it until Ctrl-C: store, brokers, services, mock factory.

    Says `ready <address>` when all parts are. The live factory's broker is OMF_LIVE_MQTT_URL.
    """
    with told():
        chosen = parse_environments(environments) if environments else usual_environments()
        wish = UpOptions(data, chosen, port, host, external=external)
        Supervisor(wish, show, _open if browser else _leave).run()


def _open(address: str) -> None:
    """Show the pages to a person at a desktop; a browser in a terminal would hide our lines."""
    desktop = sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    if sys.stdout.isatty() and desktop:
        webbrowser.open(address)


def _leave(_address: str) -> None:
    """The person opens it, or nobody does."""
