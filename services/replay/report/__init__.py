"""The report of a session as one HTML file that needs nothing else to be read."""

from services.replay.report.page import write

__all__ = ["write"]
