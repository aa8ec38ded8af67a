"""The refusals of this door, each with what the caller can do."""

from services.api.problems import ProblemType

INVALID = ProblemType(
    "invalid",
    422,
)
UNREADABLE = ProblemType(
    "unreadable",
    400,
)
NO_ALERT = ProblemType("no-alert", 400)
UNKNOWN_CLIENT = ProblemType(
    "unknown-client",
    401,
)
ROLE = ProblemType(
    "role",
    403,
)
FOREIGN_HOST = ProblemType(
    "host",
    403,
)
OTHER_ENVIRONMENT = ProblemType(
    "environment",
    403,
)
NO_ENVIRONMENT = ProblemType(
    "no-environment",
    404,
)
NO_COMMAND = ProblemType(
    "no-command",
    404,
)
NO_STATE = ProblemType("no-state", 404)
NO_WORKPIECE = ProblemType("no-workpiece", 404)
UNKNOWN_SUBJECT = ProblemType("unknown-subject", 404)
NOT_HERE = ProblemType(
    "not-here",
    404,
)
METHOD = ProblemType(
    "method",
    405,
)
TOO_SLOW = ProblemType(
    "too-slow",
    408,
)
OTHER_COMMAND = ProblemType(
    "other-command",
    409,
)
RUN = ProblemType("run", 409)
TOO_LARGE = ProblemType(
    "too-large",
    413,
)
TOO_MANY_COMMANDS = ProblemType(
    "too-many-commands",
    429,
)
ORDERS_BUSY = ProblemType("too-busy", 429)
TOO_MANY_STREAMS = ProblemType(
    "too-many-streams",
    429,
)
TOO_MUCH = ProblemType("too-much", 422)
BUG = ProblemType(
    "bug",
    500,
)
STORE_AWAY = ProblemType(
    "store-away",
    503,
)
ARCHIVE_UNREADABLE = ProblemType("archive-unreadable", 503)
NOT_READY = ProblemType(
    "not-ready",
    503,
)
