"""Two user interfaces at one store: who looks is known to both, and so is who is signed in."""

from pathlib import Path

import pytest

from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.user_file import Account, Accounts
from services.common.store.bus import Bus
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import BrowserSessions
from services.ui.auth.session_store import RedisSessionStore
from services.ui.live import presence
from services.ui.live.presence import Presence, Viewer

SECRET = b"s" * 32
ANNA = Viewer(name="anna", role=Role.OPERATOR, pages=("overview",))
GUEST = Viewer(name="guest", role=Role.VIEWER, pages=("floor",))
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaGhhc2hoYXNo"


async def test_each_hears_of_the_people_at_the_other_until_it_falls_silent(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Bus(store_url, "mock") as bus:
        one, other = Presence(bus), Presence(bus)
        assert await one.exchange((ANNA,)) == (ANNA,)
        assert await other.exchange((GUEST, ANNA)) == (
            ANNA.model_copy(update={"pages": ("overview", "overview")}),
            GUEST,
        )
        monkeypatch.setattr(presence, "SILENT_S", -1.0)
        assert await one.exchange((ANNA,)) == ()
        assert await bus.client.hlen(bus.key(presence.KEY)) == 0


async def test_where_nobody_looks_nothing_is_told_once_that_is_known(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        one, other = Presence(bus), Presence(bus)
        assert not one.wanted(())
        assert one.wanted((ANNA,))
        await one.exchange((ANNA,))
        assert one.wanted(())
        await one.exchange(())
        assert not one.wanted(())
        assert await other.exchange((GUEST,)) == (GUEST,)


async def test_a_sign_in_is_known_to_both_until_one_of_them_ends_it(
    store_url: str, tmp_path: Path
) -> None:
    accounts = Accounts(tmp_path / "users.jsonl")
    account = Account(name="anna", role=Role.OPERATOR, password=HASH)
    accounts.add(account)
    async with Bus(store_url, "mock") as bus:
        one, other = (BrowserSessions(RedisSessionStore(bus), accounts, SECRET) for _ in range(2))
        now = await bus.time()
        cookie = await one.begin(account, "127.0.0.1", now)
        found = await other.of(cookie, now)
        assert found
        assert 0 < await bus.client.ttl(bus.key(f"signed-in:{found[0].id}")) <= LASTS_S
        assert await one.listed(now) == await other.listed(now) == [found[0]]
        await other.end(found[0], "by_person", now)
        assert await one.of(cookie, now) is None
        assert await one.listed(now) == []
        await one.begin(account, "127.0.0.1", now)
        assert await other.listed(now + LASTS_S) == []
        assert await bus.client.zcard(bus.key("signed-in:all")) == 0
