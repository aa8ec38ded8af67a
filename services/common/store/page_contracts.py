"""The keys of people at the pages, part of the table in contracts.py."""

from services.common.store.contract import Contract

PAGE_CONTRACTS: tuple[Contract, ...] = (
    Contract(
        "presets",
        "hash",
        ("ui",),
        ("ui",),
        "Preset",
        "questions and commands kept for everybody, with their earlier versions",
    ),
    Contract(
        "presets:<person>", "hash", ("ui",), ("ui",), "Preset", "parameters kept to fill in again"
    ),
    Contract(
        "choices", "hash", ("ui",), ("ui",), "", "choice and person -> language, theme, sound, …"
    ),
    Contract(
        "previews",
        "hash",
        ("ui",),
        ("ui",),
        "PendingPreview",
        "commands in preparation, until they are sent or discarded",
    ),
    Contract(
        "reset:cleared",
        "text",
        ("ui",),
        ("ui",),
        "",
        "the last factory reset whose leftovers are put away, Unix seconds",
    ),
    Contract(
        "looking", "hash", ("ui",), ("ui",), "Viewer", "user interface -> who has its pages open"
    ),
)
