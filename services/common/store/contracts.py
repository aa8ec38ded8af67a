"""The whole wiring as one table: every key of the store, who writes it, who reads it, what it is.

README.md and docs/architecture.md show it (`python -m tools.stream_reference`). Held against it are
the rights of the store's accounts and what the sources of the services use
(tests/security/test_store_rights.py, tests/unit/services/common/store/test_contracts.py).
`omf backup` copies every key and stands in no row.
"""

from services.common.store.access_contracts import ACCESS_CONTRACTS
from services.common.store.alarm_contracts import ALARM_CONTRACTS
from services.common.store.contract import Contract
from services.common.store.leader_contracts import LEADER_CONTRACTS
from services.common.store.page_contracts import PAGE_CONTRACTS
from services.common.store.sequence_contracts import SEQUENCE_CONTRACTS
from services.common.store.throttle_contracts import THROTTLE_CONTRACTS

CONTRACTS: tuple[Contract, ...] = (
    Contract(
        "buffer:<filter>",
        "stream",
        ("ingest",),
        ("orders", "alarms", "notifications", "historian", "ui", "api", "omf", "replay"),
        "Message",
        "every message of a topic filter, fields t, p, q, r, d; `#` is the journal",
    ),
    *LEADER_CONTRACTS,
    Contract(
        "latest",
        "hash",
        ("ingest",),
        ("ui", "omf", "replay"),
        "Message",
        "topic -> its last message",
    ),
    Contract(
        "counters",
        "hash",
        ("ingest",),
        ("notifications", "historian", "ui", "api", "omf"),
        "",
        "what ingest counted since the store was new (fields: see `COUNTERS`)",
    ),
    Contract(
        "ingest",
        "hash",
        ("ingest",),
        ("gateway",),
        "",
        "epoch, sequence and last id of ingest, name of the installation",
    ),
    Contract(
        "ingest:<shard>",
        "hash",
        ("ingest",),
        (),
        "",
        "the same of one shard of ingest, e.g. `ingest:1/2`; so `window:` and `link:ingest:`",
    ),
    Contract(
        "ingest:class",
        "text",
        ("ui", "omf"),
        ("ingest",),
        "",
        "priority class to mirror, 1 to 6; missing: as configured",
    ),
    Contract("window", "text", ("ingest",), (), "", "messages acknowledged last"),
    Contract("marks", "list", ("ingest",), (), "", "where the journal can be cut by its bytes"),
    Contract("retained", "hash", ("ingest",), (), "", "what the broker retains, to know it again"),
    Contract(
        "archived",
        "text",
        ("historian",),
        ("ingest",),
        "",
        "the archive has the journal up to this id",
    ),
    Contract(
        "archive",
        "text",
        ("historian",),
        ("ui",),
        "ArchiveStatus",
        "what the archive holds, how long its limits will do, what is wrong with it",
    ),
    Contract(
        "backup", "text", ("omf",), ("ui",), "BackupNote", "when it was copied last, and where to"
    ),
    Contract(
        "pauses",
        "text",
        ("historian",),
        ("alarms",),
        "UsualPauses",
        "how long it usually is between two messages on a topic, learned from the archive each day",
    ),
    Contract(
        "durations",
        "text",
        ("historian",),
        ("ui", "api"),
        "StoredDurations",
        "how long steps take here, learned from the archive each hour",
    ),
    Contract(
        "link:ingest",
        "text",
        ("ingest",),
        ("orders", "alarms", "notifications", "historian", "ui", "api", "omf"),
        "LinkHealth",
        "health of the broker link that reads",
    ),
    Contract(
        "link:gateway",
        "text",
        ("gateway",),
        ("ui", "omf"),
        "LinkHealth",
        "health of the broker link that publishes",
    ),
    Contract(
        "commands",
        "stream",
        ("ui", "api", "omf", "orders"),
        ("orders", "ui", "api", "omf"),
        "Command",
        "what an operator wants; of orders the steps of the sequences that run",
    ),
    *THROTTLE_CONTRACTS,
    Contract(
        "outbox",
        "stream",
        ("orders",),
        ("gateway", "ui"),
        "Outgoing",
        "exact bytes to publish, once",
    ),
    Contract(
        "receipts",
        "stream",
        ("gateway",),
        ("orders", "ui"),
        "Receipt",
        "what became of each publish",
    ),
    Contract(
        "events",
        "stream",
        ("orders",),
        ("alarms", "historian", "ui", "api", "omf", "replay"),
        "CommandEvent",
        "each stage of each command",
    ),
    Contract(
        "audit",
        "stream",
        ("orders",),
        ("historian", "ui", "api", "omf"),
        "AuditRecord",
        "who asked for what, decision and outcome; each entry seals the one before",
    ),
    Contract("audit:head", "text", ("orders",), ("ui", "api", "omf"), "", "seal of the last entry"),
    Contract(
        "command:<id>",
        "list",
        ("orders",),
        ("ui", "api", "omf"),
        "CommandRecord",
        "a command and its events so far",
    ),
    Contract(
        "brackets",
        "hash",
        ("orders",),
        ("ui", "omf"),
        "OpenBracket",
        "command id -> a command of several steps that is under way",
    ),
    *SEQUENCE_CONTRACTS,
    *ACCESS_CONTRACTS,
    Contract(
        "open", "hash", ("orders",), (), "", "command id -> the command whose outcome is awaited"
    ),
    Contract(
        "claim:<what>", "text", ("orders",), (), "", "which command occupies a device, since when"
    ),
    Contract(
        "lease",
        "text",
        ("orders",),
        ("ui", "api", "omf"),
        "Lease",
        "who leads this factory, until when",
    ),
    Contract(
        "sent:<outbox id>",
        "text",
        ("gateway",),
        ("orders",),
        "ReceiptStage",
        "the stage a publish reached: no entry is published twice",
    ),
    Contract(
        "unsent:<outbox id>",
        "text",
        ("orders",),
        ("gateway",),
        "",
        "orders ended it before anybody tried to publish: it never goes out",
    ),
    Contract(
        "snapshots",
        "stream",
        ("orders",),
        ("alarms", "notifications", "ui", "api", "omf"),
        "FactoryState",
        "the state folded up to the journal id that is the id of the entry",
    ),
    *ALARM_CONTRACTS,
    Contract(
        "dead",
        "stream",
        ("orders", "gateway"),
        ("ui",),
        "Dead",
        "entries given up after five deliveries, with the reason",
    ),
    Contract(
        "sessions",
        "hash",
        ("ui", "api", "omf", "historian"),
        ("historian", "ui", "api", "omf", "replay"),
        "Session",
        "name -> a named time range",
    ),
    Contract(
        "sessions:open",
        "hash",
        ("ui", "api", "omf"),
        ("historian", "ui", "api", "omf"),
        "OpenRun",
        "name -> a planning run under way",
    ),
    Contract(
        "sessions:archived",
        "text",
        ("historian",),
        ("ui", "omf"),
        "ArchivedSession",
        "how much of each named session the archive has, a list",
    ),
    *PAGE_CONTRACTS,
    Contract(
        "replay:control",
        "stream",
        ("ui", "omf"),
        ("replay",),
        "ReplayControl",
        "a request to the session station",
    ),
    Contract(
        "replay:status", "text", ("replay",), ("ui", "omf"), "ReplayStatus", "what the station does"
    ),
    Contract(
        "replay:clock",
        "stream",
        ("replay", "omf"),
        ("orders", "alarms", "notifications", "historian", "ui", "api", "omf", "replay"),
        "Anchor",
        "which recorded moment it is",
    ),
    Contract(
        "replay:report:<name>",
        "text",
        ("replay",),
        ("ui",),
        "",
        "the report of a session as a packed page, for an hour",
    ),
)
COUNTERS = {
    "appended": "messages mirrored",
    "appended:<filter>": "of one buffer",
    "trimmed:<filter>": "entries one buffer let go",
    "rejected:<reason>": "not taken: `too_large`, `latest_full`",
    "duplicates": "delivered again by the broker",
    "unchanged": "retained, and no news",
    "unarchived": "trimmed from the journal before the archive had it",
}
"""Fields of the key `counters`."""
