"""What the session station is told from outside."""

from pathlib import Path
from typing import Literal

from services.history.location import ArchiveSettings


class ReplaySettings(ArchiveSettings):
    """`OMF_*` of the station; it cannot be pointed at the live factory."""

    environment: Literal["replay", "mock"] = "replay"
    data: Path = Path("data")
    """The library of sessions is the folder `sessions` in here, the archives are `history`."""
