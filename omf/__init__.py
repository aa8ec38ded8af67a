"""The language of the factory: pure, so that every process reads and writes it the same way."""

__version__ = "0.2.0"
"""Of the whole system; the newest release of CHANGELOG.md bears it."""
