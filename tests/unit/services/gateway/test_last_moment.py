"""What the store permitted is not sent any more once its time has passed."""

from concurrent.futures import Future
from typing import Any

from services.common.store.bus import Bus
from services.common.store.keys import Outgoing, ReceiptStage, Role
from services.gateway.service import BrokerConnection, PublishService

EXPIRES_AT = 1000.0


class FrozenBehindPermission:
    """The store permits it, and the process stands still before it reads the answer."""

    def __init__(self, frozen_s: float) -> None:
        self.now = EXPIRES_AT - 0.5
        self._frozen_s = frozen_s

    def left_s(self, outgoing: Outgoing) -> float:
        return outgoing.expires_at - self.now

    async def attempt(self, _: Outgoing) -> str:
        self.now += self._frozen_s
        return "go"


class CountingLink:
    """Takes what is published."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def publish(self, topic: str, *_: object, **__: object) -> "Future[None]":
        self.sent.append(topic)
        done: Future[None] = Future()
        done.set_result(None)
        return done


class Leads:
    """Nobody else can have taken over."""

    certain = True


async def outcome(frozen_s: float) -> tuple[ReceiptStage, list[str]]:
    """How it ends, and what was sent."""
    outgoing = Outgoing(
        outbox_id="c/0",
        command_id="c",
        kind="free-message",
        topic="site/lamp",
        payload="{}",
        expires_at=EXPIRES_AT,
        operator="anna",
        role=Role.ADMIN,
    )
    link, repository, lead = CountingLink(), FrozenBehindPermission(frozen_s), Leads()
    given: tuple[Any, ...] = (repository, link, BrokerConnection(lambda: True), lead)
    service = PublishService(Bus("redis://127.0.0.1:1", "mock"), *given)
    found = await service._one_by_one(outgoing)
    assert found
    return found[0], link.sent


async def test_what_expired_while_the_gateway_stood_still_is_not_sent() -> None:
    assert await outcome(0.6) == (ReceiptStage.EXPIRED, [])


async def test_what_has_time_left_is_sent() -> None:
    assert await outcome(0.4) == (ReceiptStage.ACKNOWLEDGED, ["site/lamp"])
