"""The refusals of this door, each with what the caller can do."""

from services.api.problems import Sort

INVALID = Sort(
    "invalid",
    422,
)
UNREADABLE = Sort(
    "unreadable",
    400,
)
UNKNOWN_CLIENT = Sort(
    "unknown-client",
    401,
)
ROLE = Sort(
    "role",
    403,
)
FOREIGN_HOST = Sort(
    "host",
    403,
)
OTHER_ENVIRONMENT = Sort(
    "environment",
    403,
)
NO_ENVIRONMENT = Sort(
    "no-environment",
    404,
)
NO_COMMAND = Sort(
    "no-command",
    404,
)
NOT_HERE = Sort(
    "not-here",
    404,
)
METHOD = Sort(
    "method",
    405,
)
TOO_SLOW = Sort(
    "too-slow",
    408,
)
OTHER_COMMAND = Sort(
    "other-command",
    409,
)
TOO_LARGE = Sort(
    "too-large",
    413,
)
TOO_MANY_COMMANDS = Sort(
    "too-many-commands",
    429,
)
TOO_MANY_STREAMS = Sort(
    "too-many-streams",
    429,
)
TOO_MUCH = Sort("too-much", 422)
BUG = Sort(
    "bug",
    500,
)
STORE_AWAY = Sort(
    "store-away",
    503,
)
NOT_READY = Sort(
    "not-ready",
    503,
)
