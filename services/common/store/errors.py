"""The error of the store, apart from the driver: who only reports it need not import that."""


class StoreError(Exception):
    """The store did not do it; the text names the store, what it said and the mend.

    Raised by every call of `bus`. The caller waits and tries again, or shows it.
    """
