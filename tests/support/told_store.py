"""A store that has heard of a mock factory what a broker keeps."""

from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL, buffer_key
from tests.support.same_future import RunningMock

AT_MS = 1_786_000_005_000


async def told(store_url: str) -> RunningMock:
    """Fill the store; the factory that was heard."""
    mock = RunningMock(3, 1, {"RED": 2, "WHITE": 2, "BLUE": 2})
    async with Bus(store_url, "mock") as bus:
        for number, send in enumerate(mock.router.retained.values()):
            fields = {"t": send.topic, "p": send.payload, "q": "1", "r": "0", "d": "0"}
            await bus.client.xadd(buffer_key("mock", JOURNAL), fields, f"{AT_MS}-{number}")
    return mock
