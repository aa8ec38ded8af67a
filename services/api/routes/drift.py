"""`/api/v1/drift`: fields of payloads that are not as they were learned, and who reads them."""

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from omf.payload_shapes.shape import DriftKind, ShapeDrift
from omf.payload_shapes.wording import drift_after, drift_before, drift_what
from omf.texts import Text
from services.api.access import EnvironmentDep
from services.api.description import PREFIX, refusals
from services.common.field_readers import readers_of
from services.common.store.payload_drifts import read_drifts

router = APIRouter(prefix=f"{PREFIX}/drift", tags=["messages"])


class DriftView(BaseModel):
    """One field that is not as it was learned."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    filter: str
    """Topic filter, or the topic where nobody knows it."""
    path: str
    """`batteryState.charge`, `actionStates[].state`; empty for the payload itself."""
    kind: DriftKind
    what: Text
    before: Text
    after: Text
    since: float
    """Arrival of the first message that showed it, Unix s."""
    topic: str
    message: str
    """On which topic that was, and its id."""
    count: int
    """Messages that showed it, up to 1000."""
    pages: tuple[str, ...]
    commands: tuple[str, ...]
    """Who reads the field: pages, and kinds of commands that are checked by it."""

    @classmethod
    def of(cls, one: ShapeDrift) -> "DriftView":
        """The view of a drift."""
        readers = readers_of(one.entry, one.path)
        return cls(
            filter=one.filter,
            path=one.path,
            kind=one.kind,
            what=drift_what(one),
            before=drift_before(one),
            after=drift_after(one),
            since=one.at,
            topic=one.topic,
            message=one.message_id,
            count=one.count,
            pages=readers.pages,
            commands=readers.commands,
        )


class DriftList(BaseModel):
    """What drifted and nobody took as normal, newest first."""

    model_config = ConfigDict(frozen=True)

    drifts: tuple[DriftView, ...]


@router.get("", responses=refusals())
async def drift(served: EnvironmentDep) -> DriftList:
    """Fields that appeared, vanished, or changed their type or range, with who reads them.

    The alarm `payload-drift:FILTER` acknowledged, they are the new normal.
    """
    found = await read_drifts(served.bus)
    return DriftList(drifts=await asyncio.to_thread(lambda: tuple(map(DriftView.of, found))))
