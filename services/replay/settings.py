"""What the session station is told from outside."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from omf.factories import FactoryKind
from services.common.store.environments import Environment, factories, is_live, not_among
from services.history.location import ArchiveSettings


def _not_live(name: str) -> str:
    if is_live(name):
        raise not_among(one.name for one in factories().factories if not is_live(one.name))
    return name


class ReplaySettings(ArchiveSettings):
    """`OMF_*` of the station; it cannot be pointed at a live factory."""

    environment: Annotated[Environment, AfterValidator(_not_live)] = Field(
        default_factory=lambda: factories().first(FactoryKind.REPLAY) or factories().usual,
        validate_default=True,
    )
    data: Path = Path("data")
    """The library of sessions is the folder `sessions` in here, the archives are `history`."""
