"""How many files and connections a process may have open."""

import resource


def allow_many() -> None:
    """As many as the system lets us: the usual 1,024 are too few for hundreds of factories."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
