"""Keys of what orders keeps for people: sequences, plans, purchases, approvals, the site.

Part of the table of contracts.
"""

from services.common.store.contract import Contract

SEQUENCE_CONTRACTS: tuple[Contract, ...] = (
    Contract(
        "sequences",
        "hash",
        ("orders",),
        ("ui", "api", "omf"),
        "SequenceRun",
        "id of its start -> a sequence of commands that runs",
    ),
    Contract(
        "sequences:ended",
        "list",
        ("orders",),
        ("ui", "api", "omf"),
        "SequenceRun",
        "the last fifty that ended, the newest first",
    ),
    Contract(
        "sequences:seen",
        "text",
        ("orders",),
        (),
        "",
        "when orders last looked after the sequences that run, Unix seconds",
    ),
    Contract(
        "plans",
        "hash",
        ("orders",),
        ("ui", "api", "omf"),
        "OrderPlan",
        "name -> orders by plan: when they are due, and what became of them",
    ),
    Contract(
        "plans:ended",
        "list",
        ("orders",),
        ("omf",),
        "OrderPlan",
        "the last fifty that were removed or are over, the newest first",
    ),
    Contract(
        "purchases",
        "hash",
        ("orders",),
        ("ui", "api", "omf"),
        "PurchaseAccount",
        "colour -> raw material that was ordered, and the storage orders that brought it in",
    ),
    Contract(
        "approvals",
        "hash",
        ("orders",),
        ("ui", "api", "omf"),
        "PendingApproval",
        "command id -> a dangerous command that waits for a second person, and the answer",
    ),
    Contract(
        "approvals:ended",
        "list",
        ("orders",),
        (),
        "PendingApproval",
        "the last fifty that were answered or expired, the newest first",
    ),
    Contract(
        "site",
        "hash",
        ("orders",),
        ("orders", "alarms", "notifications", "ui", "api", "omf"),
        "SiteSettings",
        "`settings` -> what the site says of its factory: name, modules, tags, links",
    ),
    Contract(
        "site:versions",
        "list",
        ("orders",),
        ("ui", "omf"),
        "SiteSettings",
        "its last fifty versions, the newest first: that one holds",
    ),
)
