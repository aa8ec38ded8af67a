"""What an ingest process is told from outside."""

from pathlib import Path

from pydantic import Field

from services.common.settings import ServiceSettings


class IngestSettings(ServiceSettings):
    """`OMF_*` variables of ingest."""

    priority: int = Field(default=6, ge=1, le=6)
    """Class mirrored until an administrator chooses another (`omf buffers --class`)."""
    instance: str = Field(default="", max_length=32, pattern=r"^[A-Za-z0-9_-]*$")
    """Tells apart two systems that mirror the same factory: part of the MQTT client id."""
    announce: bool = False
    """Publish our own birth and last will, retained; off, for a factory's broker may be read-only.
    """

    data: Path | None = None
    """Folder whose disk is watched for free space: where the store keeps its file."""

    @property
    def client_id(self) -> str:
        """Fixed, for the broker keeps our session under it."""
        return "-".join(filter(None, ("omf-ingest", self.environment, self.instance)))
