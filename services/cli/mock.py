"""`omf mock`: the behaving factory, or parts of it, at any broker."""

import os
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from services.cli import sign_in
from services.cli.options import EnvironmentOption
from services.cli.output import usage
from services.common.process.settings import complaints
from services.mock.fault_injection import FAULT_KINDS
from services.mock.settings import DOCKED, MAX_VEHICLES, MockSettings

MOCK_MODULE = "services.mock"


def command(  # noqa: PLR0913 - the options of DESIGN section 9
    *,
    broker: Annotated[str, typer.Option(metavar="URL", help="mqtt://[user:password@]host[:port]")],
    parts: Annotated[str, typer.Option(help="Any of ccu,modules,vehicles,sensors.")] = "",
    speed: Annotated[float | None, typer.Option(help="Times life's pace, 0.1 to 100.")] = None,
    vehicles: Annotated[
        int | None,
        typer.Option(
            help=f"How many, at most {MAX_VEHICLES}; all but the first {DOCKED} begin lost."
        ),
    ] = None,
    stock: Annotated[str, typer.Option(help="What the warehouse begins with: RED=3,BLUE=1")] = "",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[:TARGET]@S",
            help="A fault to come, S seconds of the factory after the start; repeatable. "
            + "; ".join(f"{kind}: {text}" for kind, text in FAULT_KINDS.items()),
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed, the same day.")] = None,
    environment: EnvironmentOption = "mock",
) -> None:
    """Run the mock factory until Ctrl-C. With --parts modules,vehicles a real CCU can steer it."""
    try:
        sign_in.allowed_at_broker(broker, environment)
    except ValueError as error:
        usage(str(error))
    given = {
        "ENVIRONMENT": environment,
        "MQTT_URL": broker,
        "MOCK_PARTS": parts,
        "MOCK_SPEED": speed,
        "MOCK_VEHICLES": vehicles,
        "MOCK_STOCK": stock,
        "MOCK_FAULTS": ",".join(fault or ()),
        "MOCK_SEED": seed,
    }
    os.environ.update({f"OMF_{k}": str(v) for k, v in given.items() if v not in (None, "")})
    try:
        MockSettings()
    except ValidationError as error:
        usage("; ".join(complaints(error, MockSettings)))
    # The process becomes the factory: signals and exit code are its own.
    os.execv(sys.executable, [sys.executable, "-m", MOCK_MODULE])  # noqa: S606 - our own interpreter
