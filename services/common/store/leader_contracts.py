"""The rows of the table of contracts about who leads a role."""

from services.common.store.contract import Contract, Process

ROLES: tuple[Process, ...] = ("ingest", "orders", "gateway", "historian")
"""Of what several may be started: one leads, the others stand by."""
LEADER_CONTRACTS = tuple(
    Contract(
        f"leader:{role}",
        "hash",
        (role,),
        ("ui",),
        "RoleLeader",
        "who leads the role, the token that fences its writes, who stands by",
    )
    for role in ROLES
)
"""One process of each leads (leader.lua); of a shard of ingest `leader:ingest:<shard>`."""
