"""Class names and constants that still have several homes: the list may only grow shorter."""

SHARED_NAMES = frozenset(
    """
    COLUMNS EXPIRED FACTS GAP GROUP HIGH KEEP_DAYS KEYS KINDS LEFT MAX_DEPTH MAX_FIELDS
    MAX_SCANNED NOT_READY PAGE PIECE PLAIN RULES TABS TICK_S TOP VIEWS WIDE
    """.split()  # noqa: SIM905 - a list of words is read and shortened more easily
)
