"""`omf control`: who leads this factory."""

from omf.messages.printable import escaped
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, show
from services.cli.rows import clock_time, short
from services.common.store import lease
from services.common.store.approvals import PendingApproval, read_approvals
from services.common.store.lease import Lease


def command(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print who has control of the factory, until when, who asks for it, and what waits.

    `omf send control-take`, `control-release`, `control-request` and `control-hand-over` pass it
    on. It counts where orders runs with OMF_CONTROL_LEASE=true. Below stand the commands that wait
    for a second person, where it runs with OMF_FOUR_EYES=true: `omf send approval-give command=ID`
    lets one go, `omf send approval-decline command=ID` ends it.
    """

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            found, now = await lease.read(bus), await bus.time()
            waiting = [one for one in await read_approvals(bus) if one.waits(now)]
        if as_json:
            asked = [one.model_dump(mode="json") for one in waiting]
            data({**found.model_dump(mode="json"), "holder": found.holder_at(now), "waits": asked})
            return
        show(_sentence(found, now))
        for one in waiting:
            show(_line(one))

    finish(work())


def _sentence(found: Lease, now: float) -> str:
    needed = "required for risky commands" if found.required else "not required"
    holder = found.holder_at(now)
    if not holder:
        return f"nobody has control; it is {needed}"
    asked = f"; {found.asked_by} asks for it" if found.asked_by else ""
    since, until = clock_time(found.since), clock_time(found.until)
    return f"{holder} has control since {since} until {until}{asked}; it is {needed}"


def _line(one: PendingApproval) -> str:
    asked = one.command
    given = " ".join(f"{name}={value}" for name, value in asked.parameters.items())
    what = f"{asked.command_id}  {asked.kind} {given}".rstrip()
    needs = f"waits until {clock_time(one.until)} for a second person ({one.needed} or above)"
    sent = "".join(f"\n    {escaped(topic)} {short(payload)}" for topic, payload in one.messages)
    return f"{what}  by {asked.operator}: {needs}{sent}"
