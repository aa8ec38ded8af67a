"""The menu: one file per group of kinds, each with its parameters, its bytes and its interlocks."""

from omf.commands.command_types import (
    alarms,
    approvals,
    brackets,
    ccu_menu,
    drive,
    factory,
    free,
    handover,
    lease,
    module_acts,
    modules,
    orders,
    plans,
    purchases,
    sensors,
    sequences,
    site,
    store,
    training,
    vehicle_menu,
)
from omf.commands.schemas import Kind

_GROUPS = (
    orders.KINDS,
    factory.KINDS,
    drive.KINDS,
    vehicle_menu.KINDS,
    modules.KINDS,
    store.KINDS,
    module_acts.KINDS,
    sensors.KINDS,
    ccu_menu.KINDS,
    training.KINDS,
    free.KINDS,
)
KINDS: dict[str, Kind] = {kind.name: kind for group in _GROUPS for kind in group}
"""Every kind the factory gets, by name, in the order of the menu."""
CONTROLS: dict[str, Kind] = {
    kind.name: kind
    for group in (brackets, sequences, plans, purchases, lease, approvals, alarms, handover, site)
    for kind in group.KINDS
}
"""Kinds of which the factory hears nothing: they steer a command or a sequence under way, pass the
control lease, approve another command, set what
the site says, or go to the owner of the alarms."""
LEASES = frozenset(kind.name for kind in lease.KINDS)
"""Those of them about the control lease."""
BRACKETS = frozenset(kind.name for kind in brackets.KINDS)
"""Those that steer a command under way."""
SEQUENCE_ACTS = frozenset(kind.name for kind in sequences.KINDS)
"""Those that start or steer a run of a sequence."""
PLAN_ACTS = frozenset(kind.name for kind in plans.KINDS)
"""Those about a plan of orders."""
PURCHASE_ACTS = frozenset(kind.name for kind in purchases.KINDS)
"""Those about raw material that was ordered."""
APPROVAL_ACTS = frozenset(kind.name for kind in approvals.KINDS)
"""Those about a command that waits for a second person."""
SITE_ACTS = frozenset(kind.name for kind in site.KINDS)
"""Those about what the site says of its factory."""
ALARM_ACTS = frozenset(kind.name for kind in alarms.KINDS)
"""Those about an alarm."""
HANDOVER_ACTS = frozenset(kind.name for kind in handover.KINDS)
"""Those about the hand-over of a shift."""
BY_CCU = frozenset(
    {kind.name for group in (orders.KINDS, factory.KINDS, ccu_menu.KINDS) for kind in group}
    | {"charge", "fts-pair"}
)
"""Kinds the CCU carries out: without it nothing happens."""
