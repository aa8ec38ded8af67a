"""Accounts of the store: one per service and environment, with exactly the keys and commands.

A right is a selector of the store's ACL: these commands on these keys. The commands inside a Lua
script need their own rights as well; the script itself only the right to name its keys. Who writes
which key is the table of `services/common/store/contracts.py`.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.common.store import environments as known

PER_ENVIRONMENT = ("ingest", "orders", "gateway", "alarms", "notifications", "historian")
CONNECT = "+ping +hello +select +time +client|setname +cluster|slots"
READS = (
    "+get +mget +getrange +strlen +exists +type +ttl +pttl +memory|usage"
    " +hget +hgetall +hmget +hlen +hkeys +hvals +hexists +lrange +llen +lindex"
    " +xrange +xrevrange +xread +xlen +xinfo|stream +xinfo|groups +xpending"
)
INBOX = "+xack +xgroup|create +xclaim +xreadgroup"
SCRIPTS = "+eval +evalsha"
CALLS = "+info +multi +exec +script|load +wait"
"""A writer looks at the store before it starts, and loads its scripts."""


class Right(NamedTuple):
    """What may be done with some keys of one environment; `mode` is R, W, or "" for both."""

    commands: str
    keys: Sequence[str]
    mode: str = ""
    everywhere: bool = False
    """In all environments, whichever the account belongs to."""

    def selector(self, environments: Iterable[str]) -> str:
        """As the store writes it."""
        sign = f"%{self.mode}~" if self.mode else "~"
        places = known.names() if self.everywhere else environments
        names = (f"{sign}omf:{{{e}}}:{key}" for e in places for key in self.keys)
        return f"({self.commands} {' '.join(names)})"


FACTS = (
    *("buffer:*", "latest*", "counters*", "ingest*", "window*", "marks*", "retained*", "link:*"),
    *("commands", "outbox", "receipts", "events", "audit", "audit:head", "command:*", "brackets"),
    *("open", "claim:*", "lease", "sent:*", "unsent:*", "snapshots", "sessions*", "replay:*"),
    "dead",
    *("leader:*", "archived", "archive", "backup", "pauses", "durations", "reset:cleared"),
    *("alarms", "alarms:now", "alarms:owner"),
    *("sequences*", "plans*", "purchases", "approvals*", "site", "site:versions"),
    *("alarms:rules", "handovers", "notifications", "monitoring:alerts"),
    *("shapes", "drifts", "throttle", "throttle:*"),
)
"""What everybody may read: all but who is signed in."""
FACTS_READ = Right(READS, FACTS, "R")
OWN_INGEST = ("ingest", "ingest:[1-9]*", "latest*", "counters*", "window*", "marks*", "retained*")
OWN_ORDERS = (
    *("audit:head", "command:*", "brackets", "open", "claim:*", "lease"),
    *("sequences*", "plans*", "purchases", "approvals*", "site", "site:versions", "throttle"),
)
OWN_ALARMS = ("alarms:now", "alarms:owner", "alarms:rules", "shapes", "drifts")
OWN_NOTIFICATIONS = (
    *("notifications:owner", "notifications:told", "notifications:outbox"),
    "notifications:addresses",
)
OWN_TOKENS = ("access-tokens", *(f"access-tokens:{n}" for n in ("directory", "standing", "used")))
DECIDED = (
    *("commands", "receipts", "outbox", "events", "audit", "sent:*", "snapshots", "dead"),
    *("unsent:*", "access-notes"),
    *OWN_ORDERS,
)
ARCHIVED = ("archived", "archive", "pauses", "durations", "sessions:archived")


def leading(role: str, scripted: Sequence[str]) -> tuple[Right, ...]:
    """Of a role that one process leads: every write is a script that names the lease."""
    lease = (f"leader:{role}*",)
    return (
        Right(SCRIPTS, (*scripted, *lease)),
        Right("+hget +hmget +hset +hdel", lease),
    )


RUNS = (
    Right(SCRIPTS, ("sessions:open", "sessions")),
    Right("+hexists +hlen +hget +hset +hdel", ("sessions:open",)),
    Right("+hexists +hlen +hsetnx", ("sessions",)),
)
"""A planning run begins and ends."""
SUBMITS = (
    Right(SCRIPTS, ("commands", "command:*", "throttle", "throttle:people", "throttle:counts")),
    Right("+xadd", ("commands",), "W"),
    Right("+hget +hset +expire", ("throttle:people",)),
    Right("+hincrby", ("throttle:counts",)),
)
"""Hands commands to orders, no faster than orders says."""
TOKENS_SHOWN = (
    Right("+hget", ("access-tokens", "access-tokens:standing"), "R"),
    Right("+hset", ("access-tokens:used",), "W"),
    Right("+get", ("access-tokens:ended:*",), "R"),
    Right("+xadd", ("access-notes",), "W"),
)
"""A person shows a token: whose it is or was, and that it was used or refused."""
TOKENS_NOTED = (
    Right(SCRIPTS, ("access-tokens*", "access-notes")),
    Right("+set", ("access-tokens:ended:*",), "W"),
    Right("+xadd", ("access-notes",), "W"),
)
"""A token begins or ends, and orders is told so in the same step."""
TOKENS_ENDED = (*TOKENS_NOTED, Right("+hdel", ("access-tokens", "access-tokens:used"), "W"))
"""Who has a token ends it, and makes none: `omf logout`."""
PEOPLE_NOTED = (
    Right(SCRIPTS, ("signed-in:*", "access-notes")),
    Right(SCRIPTS, ("accounts:noted", "access-notes")),
    Right("+hset +hdel +hget +hgetall", ("accounts:noted",)),
)
"""A sign-in begins or ends, an account is changed, and orders is told so in the same step."""

RIGHTS: dict[str, tuple[Right, ...]] = {
    "ingest": (
        FACTS_READ,
        *leading("ingest", (*OWN_INGEST, "buffer:*", "archived", "link:ingest*")),
        Right("+xadd +xtrim +xdel", ("buffer:*",)),
        Right(
            "+hset +hsetnx +hdel +hincrby +hget +hmget +rpush +lpop +lindex +lset +append +getrange"
            " +set +get +del",
            OWN_INGEST,
        ),
        Right("+set", ("link:ingest*",), "W"),
    ),
    "orders": (
        FACTS_READ,
        *leading("orders", DECIDED),
        Right(f"{INBOX} +xtrim", ("commands", "receipts")),
        Right("+xadd", ("outbox", "commands"), "W"),
        Right("+xrange +xdel", ("access-notes",)),
        Right("+xadd +xtrim", ("events", "audit", "dead", "snapshots"), "W"),
        Right("+xdel", ("snapshots",), "W"),
        Right("+set", ("unsent:*",), "W"),
        Right("+set +del +expire +hset +hdel +rpush +lpush +ltrim", OWN_ORDERS),
    ),
    "gateway": (
        FACTS_READ,
        *leading("gateway", ("sent:*", "unsent:*", "receipts", "outbox", "dead", "link:gateway")),
        Right(f"{INBOX} +xtrim", ("outbox",)),
        Right("+xadd", ("receipts", "dead"), "W"),
        Right("+set", ("sent:*", "link:gateway"), "W"),
    ),
    "alarms": (
        FACTS_READ,
        Right(SCRIPTS, ("alarms", "handovers", *OWN_ALARMS)),
        Right("+xadd +xtrim", ("alarms", "handovers"), "W"),
        Right("+get +set +hset +hdel", OWN_ALARMS),
    ),
    "notifications": (
        FACTS_READ,
        Right(SCRIPTS, OWN_NOTIFICATIONS),
        Right("+get +set +hset +hdel +hgetall", OWN_NOTIFICATIONS),
        Right("+set", ("notifications",), "W"),
        # A browser that its push service does not know any more is taken off.
        Right("+hvals +hdel", ("notifications:browsers",)),
    ),
    "historian": (
        FACTS_READ,
        *leading("historian", (*ARCHIVED, "sessions")),
        Right("+set", ARCHIVED, "W"),
        # Names that went with an emptied store are put back.
        Right("+hsetnx", ("sessions",)),
    ),
    "station": (
        Right(READS, ("replay:*",), "R"),
        # A named range of any factory is taken over to be played; nothing is ever written there.
        Right(READS, ("buffer:*", "latest", "events", "sessions"), "R", everywhere=True),
        Right("+xtrim", ("replay:control",), "W"),
        Right("+xadd", ("replay:clock",), "W"),
        Right("+set", ("replay:status", "replay:report:*"), "W"),
    ),
    "ui": (
        FACTS_READ,
        *SUBMITS,
        Right("+xadd", ("replay:control",), "W"),
        Right("+set", ("ingest:class", "reset:cleared"), "W"),
        Right("+hsetnx +hdel", ("sessions",)),
        *RUNS,
        Right(
            "+set +get +mget +del +expire +zadd +zrem +zrange +zremrangebyscore", ("signed-in:*",)
        ),
        Right("+hset +hmget", ("choices",)),
        Right("+hset +hdel +hvals", ("presets", "presets:*", "previews", "notifications:browsers")),
        Right("+hset +hdel +hget +hgetall +hvals +hlen +expire +del", ("looking",)),
        Right("+hset +hdel +hget +hgetall +hvals", OWN_TOKENS),
        *TOKENS_NOTED,
        *PEOPLE_NOTED,
    ),
    "api": (
        FACTS_READ,
        *SUBMITS,
        Right("+hset +hdel", ("monitoring:alerts",)),
        *TOKENS_SHOWN,
        *TOKENS_NOTED,
        Right("+hset +hdel +hget +hgetall", ("access-tokens:clients",)),
        *RUNS,
    ),
    "omf": (
        FACTS_READ,
        *SUBMITS,
        Right("+xadd", ("replay:control", "replay:clock"), "W"),
        Right("+set", ("ingest:class", "backup"), "W"),
        Right("+hsetnx +hdel", ("sessions",)),
        *TOKENS_SHOWN,
        *TOKENS_ENDED,
        *RUNS,
    ),
    "backup": (
        Right("+exists +xrange +xlen +xinfo|stream +get +hgetall", ("*",), "R"),
        Right("+set", ("backup",), "W"),
        Right("+dump +pttl +type +restore +xadd +xsetid +del", ("*",)),
    ),
    "keeper": (Right("+xrange +xlen +xdel", ("dead",)),),
}
MORE = {
    **dict.fromkeys(PER_ENVIRONMENT, CALLS),
    # Whose acknowledgement stands on the store asks when it syncs (OMF_DURABILITY).
    **dict.fromkeys(("ingest", "orders", "gateway"), f"{CALLS} +config|get"),
    "station": "+info",
    **dict.fromkeys(("ui", "api"), "+script|load"),
    "omf": "+info +config|get +client|list +script|load",
    "backup": "+info +scan +multi +exec",
    # Of a person who mends the store as docs/runbook.md says; no service has it.
    "keeper": "+info +config|get +config|set +acl|load",
}
"""Commands that name no key."""
DEFAULT = "user default off ~* &* +@all"
PROBE = "probe"
"""Asks whether the store answers, and nothing else."""


def accounts() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Role and environments of every account, by name."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {
        f"{role}-{environment}": (role, (environment,))
        for environment in known.names()
        for role in PER_ENVIRONMENT
    }
    played = tuple(filter(known.is_replay, known.names()))
    found |= {"station": ("station", played)} if played else {}
    found |= {role: (role, known.names()) for role in ("ui", "api", "omf", "backup", "keeper")}
    return found | {PROBE: (PROBE, ())}


def line(name: str, digest: str) -> str:
    """The account as it stands in the store's file; `digest` is the SHA-256 of its password."""
    role, environments = accounts()[name]
    selectors = (right.selector(environments) for right in RIGHTS.get(role, ()))
    calls = "+ping" if role == PROBE else f"{CONNECT} {MORE.get(role, '')}".strip()
    words = (f"user {name} on sanitize-payload #{digest} resetchannels -@all {calls}", *selectors)
    return " ".join(words)


def file(digests: dict[str, str]) -> str:
    """The whole file: nobody else comes in, least of all without a name.

    `default` is off and yet may everything: as `default` the store reads its own file again at a
    start, and asks what it may before each transaction, as which a script's writes stand there.
    """
    lines = [DEFAULT, *(line(name, digests[name]) for name in accounts())]
    return "\n".join(lines) + "\n"
