"""The rows of the table of contracts about what holds submitters back (submission.py)."""

from services.common.store.contract import Contract

THROTTLE_CONTRACTS = (
    Contract(
        "throttle",
        "text",
        ("orders",),
        ("ui", "api", "omf"),
        "",
        "milliseconds between two commands of a person; missing: everything is taken on",
    ),
    Contract(
        "throttle:people",
        "hash",
        ("ui", "api", "omf"),
        (),
        "",
        "person -> until when what passed the throttle counts",
    ),
    Contract(
        "throttle:counts",
        "hash",
        ("ui", "api", "omf"),
        ("orders",),
        "",
        "commands that passed the throttle, and that it refused",
    ),
)
