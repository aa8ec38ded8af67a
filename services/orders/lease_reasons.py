"""Every reason about the control lease, in both languages."""

from services.common.store.keys import Reason
from services.common.store.lease import Lease
from services.orders.reasons import clock_time

NOBODY_LEADS = Reason(
    id="control",
    de="Dieser Befehl braucht die Führung, und niemand führt; übernehmen: control-take.",
    en="This command needs control, and nobody has it; take it: control-take.",
)
CONTROL_FREE = Reason(
    id="control-free",
    de="Niemand führt; die Führung ist frei: control-take.",
    en="Nobody has control; it is free: control-take.",
)
CONTROL_YOURS = Reason(
    id="control-yours",
    de="Sie führen schon; verlängern: control-take.",
    en="You have control already; extend it: control-take.",
)
NOBODY_ASKED = Reason(
    id="parameter:to",
    de="to: Niemand bittet um die Führung; nennen Sie, wer führen soll.",
    en="to: Nobody asks for control; name who shall have it.",
)


def barred(lease: Lease, now: float) -> Reason:
    """A risky command needs the lease: who holds it since when, or that it is free."""
    holder = lease.holder_at(now)
    if not holder:
        return NOBODY_LEADS
    since, until = clock_time(lease.since), clock_time(lease.until)
    return Reason(
        id="control",
        de=f"{holder} führt seit {since} UTC, bis {until} UTC; bitten: control-request.",
        en=f"{holder} has control since {since} UTC, until {until} UTC; ask: control-request.",
    )


def leads(lease: Lease) -> Reason:
    """What a command about the lease led to."""
    if not lease.holder:
        return Reason(id="leads", de="Niemand führt.", en="Nobody has control.")
    asked = lease.asked_by
    return Reason(
        id="leads",
        de=f"{lease.holder} führt bis {clock_time(lease.until)} UTC"
        + (f"; {asked} bittet um die Führung." if asked else "."),
        en=f"{lease.holder} has control until {clock_time(lease.until)} UTC"
        + (f"; {asked} asks for it." if asked else "."),
    )


def asked_before(lease: Lease) -> Reason:
    """Another one asks for the lease already."""
    at = clock_time(lease.asked_at)
    return Reason(
        id="asked-before",
        de=f"{lease.asked_by} bittet schon seit {at} UTC um die Führung.",
        en=f"{lease.asked_by} has been asking for control since {at} UTC.",
    )
