"""`omf`: the command line of the system, one file per command (DESIGN section 9)."""

from services.cli.app import app

__all__ = ["app"]
