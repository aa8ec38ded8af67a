"""Keys of who is let in: sign-ins at the pages, and the tokens of people. Part of the table."""

from services.common.store.contract import Contract

ACCESS_CONTRACTS: tuple[Contract, ...] = (
    Contract(
        "signed-in:<id>", "text", ("ui",), ("ui",), "SignedIn", "one person at one browser, 8 h"
    ),
    Contract("signed-in:all", "zset", ("ui",), ("ui",), "", "their ids, by the time they end"),
    Contract(
        "access-tokens",
        "hash",
        ("ui",),
        ("ui", "api", "omf"),
        "AccessToken",
        "hash of a token -> whose it is, until when",
    ),
    Contract(
        "access-tokens:directory",
        "hash",
        ("ui",),
        ("ui",),
        "DirectoryWord",
        "person -> groups, as the company's directory told them last",
    ),
    Contract(
        "access-tokens:standing",
        "hash",
        ("ui",),
        ("ui", "api", "omf"),
        "PersonStanding",
        "person -> what they may by a token, for five minutes",
    ),
    Contract(
        "access-tokens:used",
        "hash",
        ("ui", "api", "omf"),
        ("ui",),
        "",
        "hash of a token -> when it was used last, Unix seconds",
    ),
    Contract(
        "access-tokens:ended:<hash>",
        "text",
        ("ui", "api", "omf"),
        ("api", "omf"),
        "AccessNote",
        "how a token ended, for 90 days: who shows it then is noted by name",
    ),
    Contract(
        "access-tokens:clients",
        "hash",
        ("api",),
        ("api",),
        "",
        "system of the tokens file -> hash of its token, as it was noted last",
    ),
    Contract(
        "accounts:noted",
        "hash",
        ("ui",),
        ("ui",),
        "AccountState",
        "name -> what the audit knows of the account; # -> the last change that was taken over",
    ),
    Contract(
        "access-notes",
        "stream",
        ("ui", "api", "omf"),
        ("orders",),
        "AccessNote",
        "of a sign-in, an account or a token; gone once orders has sealed it in the audit",
    ),
)
