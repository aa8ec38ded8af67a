"""What an ingest process is told from outside."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer
from pydantic_settings import NoDecode

from services.common.process.settings import ServiceSettings
from services.ingest.shards import Shard


def _shard(value: object) -> object:
    return Shard.parse(value) if isinstance(value, str) else value


ShardOption = Annotated[Shard, NoDecode, BeforeValidator(_shard), PlainSerializer(str)]


class IngestSettings(ServiceSettings):
    """`OMF_*` variables of ingest."""

    priority: int = Field(default=6, ge=1, le=6)
    """Class mirrored until an administrator chooses another (`omf buffers --class`)."""
    instance: str = Field(default="", max_length=32, pattern=r"^[A-Za-z0-9_-]*$")
    """Tells apart two systems that mirror the same factory: part of the MQTT client id."""
    announce: bool = False
    """Publish on `state_topic`, retained, that this process came or went; off, for a factory's
    broker may be read-only.
    """

    data: Path = Path("/")
    """Folder whose disk is watched for free space: in a container that of all volumes."""
    shard: ShardOption = Shard()
    """`i/n`: this process mirrors the i-th of n parts of the environment (`--shard`)."""

    def client_id(self, installation: str = "") -> str:
        """Fixed, for the broker keeps our session under it; no other installation has it."""
        levels = ("omf-ingest", self.environment, self.instance, self._part, installation)
        return "-".join(filter(None, levels))

    @property
    def state_topic(self) -> str:
        """Where each process says `online` or `offline`, if it is to announce itself."""
        levels = ("omf", self.instance or self.environment, "ingest", self._part, "state")
        return "/".join(filter(None, levels))

    @property
    def _part(self) -> str:
        return f"{self.shard.number}of{self.shard.total}" if self.shard.total > 1 else ""
