"""`omf evidence`: the folder an auditor is given, made of a checkout and its last test results."""

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.connection import connect
from services.cli.options import RunOption
from services.cli.output import fail, finish, say, show
from services.common.store import environments
from services.common.store.audit import verify
from services.common.store.bus import StoreError
from services.supervisor.runfile import NotRunningError

RESULTS = Path("build/results")
NO_CHECKOUT = "the evidence is made of a checkout: tests, lock and deploy/ are in no installation"


def command(
    *,
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    results: Annotated[
        Path, typer.Option(help="The folder of JUnit files that `make test` wrote.")
    ] = RESULTS,
    run: RunOption = None,
) -> None:
    """Write requirements with the last result of their tests, SBOM, VEX, rights, ports, audit.

    Exit 1 while a requirement that is called met names a test that is gone, failed or never ran.
    """
    try:
        folder: Any = importlib.import_module("deploy.evidence.folder")
    except ModuleNotFoundError:
        fail(NO_CHECKOUT)

    async def work() -> None:
        chains = {name: await _chain(name, run) for name in environments.names()}
        try:
            wanting = folder.write(out, sorted(results.glob("*.xml")), chains)
        except ValueError as error:
            fail(str(error))
        show(f"wrote {out / 'evidence.md'}")
        for line in wanting:
            say(line)
        if wanting:
            fail(f"{len(wanting)} proofs are wanting; `make test` and `make chaos` give results")

    finish(work())


async def _chain(environment: Any, run: Path | None) -> str:
    """What the chain of the audit says, or why nobody could ask."""
    try:
        async with connect(environment, run).bus() as bus:
            holding, broken = await verify(bus)
    except (StoreError, NotRunningError) as error:
        return f"not asked: {error}"
    return f"{holding} records hold" if broken is None else f"broken at {broken.entry_id}"
