"""What was left is taken over whole or not at all, however the store breaks off meanwhile."""

from collections.abc import Awaitable
from typing import Any, TypeVar, cast

import pytest

from omf.notifications.decision import AlarmNotice, AlarmPhase
from omf.texts import verbatim
from services.common.store.bus import Bus, StoreError
from services.notifications.repository import OUTBOX, TOLD, NotificationRepository

T = TypeVar("T")
NOTICE = AlarmNotice(
    receiver="anna",
    alarm="plc-lost:HBW",
    phase=AlarmPhase.RAISED,
    raised_at=1.0,
    at=1.0,
    priority=1,
    severity="critical",
    text=verbatim("x"),
    action=verbatim("y"),
)


class BreakingStore:
    """Has one notice that was told, and breaks off where `breaks` is read."""

    def __init__(self, breaks: str) -> None:
        self.breaks = breaks
        self.client = self

    def key(self, name: str) -> str:
        return name

    async def call(self, answer: Awaitable[T]) -> T:
        return await answer

    async def script(self, *_: object) -> list[bytes]:
        return [b"written"]

    async def get(self, _: str) -> None:
        return None

    async def hgetall(self, name: str) -> dict[bytes, Any]:
        if name == self.breaks:
            raise StoreError("connection reset")
        told = {NOTICE.told_key.encode(): NOTICE.model_dump_json().encode()}
        return told if name == TOLD else {}


@pytest.mark.parametrize("breaks", [TOLD, OUTBOX])
async def test_a_claim_that_breaks_off_is_begun_anew(breaks: str) -> None:
    store = BreakingStore(breaks)
    repository = NotificationRepository(cast("Bus", store), "me")
    with pytest.raises(StoreError):
        await repository.claim(5.0, at_once=True)
    assert not repository.owned, "everything would be told once more"
    store.breaks = ""
    await repository.claim(6.0, at_once=True)
    assert repository.owned
    assert repository.outbox.told == {NOTICE.told_key: NOTICE}
