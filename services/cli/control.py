"""`omf control`: who leads this factory."""

from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, show
from services.cli.rows import clock_time
from services.common.store import lease
from services.common.store.lease import Lease


def command(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print who has control of the factory, until when, and who asks for it.

    `omf send control-take`, `control-release`, `control-request` and `control-hand-over` pass it
    on. It counts where orders runs with OMF_CONTROL_LEASE=true.
    """

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            found, now = await lease.read(bus), await bus.time()
        if as_json:
            data({**found.model_dump(mode="json"), "holder": found.holder_at(now)})
        else:
            show(_sentence(found, now))

    finish(work())


def _sentence(found: Lease, now: float) -> str:
    needed = "required for risky commands" if found.required else "not required"
    holder = found.holder_at(now)
    if not holder:
        return f"nobody has control; it is {needed}"
    asked = f"; {found.asked_by} asks for it" if found.asked_by else ""
    since, until = clock_time(found.since), clock_time(found.until)
    return f"{holder} has control since {since} until {until}{asked}; it is {needed}"
