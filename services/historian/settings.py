"""What a historian is told from outside."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from services.common.process.settings import Named
from services.history.location import ArchiveSettings
from services.history.storage import ArchiveStorage


class HistorianSettings(ArchiveSettings):
    """`OMF_*` variables of the historian."""

    history_flush_s: float = Field(default=60.0, ge=0.2, le=600.0)
    """So long messages are gathered for one file; until then the journal keeps them."""
    history_retention: Annotated[Path | None, Named] = None
    """A file like services/history/retention.yaml, in its place."""

    @property
    def archive(self) -> ArchiveStorage:
        """Where this environment's archive lies."""
        return self.archive_of(self.environment)
