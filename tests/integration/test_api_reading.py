"""State, messages and event streams over HTTP, as any other service reads them."""

import signal
import time
from collections.abc import Iterator

import pytest

from omf.commands import KINDS
from omf.messages.message import Message
from omf.topics.catalogue import address
from services.api.routes.messages import STALL_S
from services.common.process import clock
from services.common.store import lease
from services.common.store.bus import store
from services.common.store.keys import buffer_key, key
from services.common.store.lease import Lease
from services.supervisor.server import LocalServer
from tests.support.api import Door, listening, problem
from tests.support.circle import stock
from tests.support.processes import Processes, wait_for

pytestmark = pytest.mark.alike

STATE = address("module_state", serial="SVR3QA0022")
STATES = "module/v1/ff/+/state"
WRONG_QUESTIONS = [
    ({"filter": "module/*/state"}, "filter"),
    ({"filter": "a/#/b"}, "filter"),
    ({"filter": "a\x00b"}, "filter"),
    ({"filter": ""}, "filter"),
    ({"filter": "$SYS/#"}, "filter"),
    ({"after": "yesterday"}, "after"),
    ({"after": "9" * 25 + "-0"}, "after"),
    ({"limit": "0"}, "limit"),
    ({"limit": "501"}, "limit"),
    ({"environment": "moon"}, "environment"),
    ({"fliter": "#"}, "fliter"),
]


class Journal:
    """Appends messages as ingest does."""

    def __init__(self, store_url: str) -> None:
        self.client = store(store_url)
        self.count = 0

    def add(self, topic: str, payload: bytes, *filters: str, at: int = 0) -> Message:
        """To the journal and these buffers, under one id; `at` in ms."""
        self.count += 1
        entry_id = f"{at or 1_700_000_000_000 + self.count}-0"
        fields = {"t": topic, "p": payload, "q": 1, "r": 0, "d": 0}
        for name in ("#", *filters):
            self.client.xadd(buffer_key("mock", name), fields, id=entry_id)
        return Message(topic, payload, entry_id, 1)


@pytest.fixture
def journal(store_url: str) -> Journal:
    return Journal(store_url)


@pytest.fixture
def door(processes: Processes, store_url: str) -> Iterator[Door]:
    door = Door(processes, store_url).ready()
    yield door
    door.close()


def test_the_state_is_the_fold_of_now_and_of_any_time_before(door: Door, journal: Journal) -> None:
    topic, begin = address("ccu_state_stock"), 1_700_000_000_000
    journal.add(topic, stock(WHITE=1), at=begin)
    journal.add(topic, stock(WHITE=3), at=begin + 60_000)
    viewer = door.client("viewer")

    def white(query: str = "") -> int:
        answer = viewer.get(f"/state{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()["stock"]["counts"]["WHITE"]

    wait_for(lambda: viewer.get("/state").json()["messages"]["total"] == 2)
    assert white() == 3
    assert white(f"?at={begin / 1000 + 1}") == 1
    assert white("?at=2023-11-14T22:13:30Z") == 1
    assert white("?at=2023-11-14T23:13:30%2B01:00") == 1


def test_the_lease_names_who_leads_until_it_runs_out(door: Door, journal: Journal) -> None:
    viewer, now = door.client("viewer"), time.time()
    free = viewer.get("/lease").json()
    assert free["required"] is False
    assert {free[name] for name in ("holder", "since", "until", "asked_by", "asked_at")} == {None}
    held = Lease(
        required=True, holder="anna", since=now, until=now + 60, asked_by="otto", asked_at=now
    )
    journal.client.set(key("mock", lease.LEASE_KEY), held.model_dump_json())
    told = viewer.get("/lease").json()
    assert (told["required"], told["holder"], told["asked_by"]) == (True, "anna", "otto")
    assert told["until"] == clock.iso(now + 60)
    over = held.model_copy(update={"until": now - 1})
    journal.client.set(key("mock", lease.LEASE_KEY), over.model_dump_json())
    told = viewer.get("/lease").json()
    assert (told["required"], told["holder"], told["asked_by"]) == (True, None, None)


def test_a_time_that_is_none_is_refused_by_name(door: Door) -> None:
    viewer = door.client("viewer")
    for at in ("", "yesterday", "nan", "1e30", "-1", "0001-01-01", "9" * 41):
        body = problem(viewer.get("/state", params={"at": at}), 422, "invalid")
        assert [flaw["field"] for flaw in body["errors"]] == ["at"]


def test_a_number_that_is_no_json_does_not_break_the_state(door: Door, journal: Journal) -> None:
    journal.add("/j1/txt/1/i/bme680", b'{"ts":"t","t":NaN,"rt":1e999,"h":Infinity,"iaq":-Infinity}')
    viewer = door.client("viewer")
    wait_for(lambda: viewer.get("/state").json()["messages"]["total"] == 1)


def test_messages_are_told_exactly_as_they_were_appended(door: Door, journal: Journal) -> None:
    wanted = [journal.add(STATE, b'{"n":%d}' % n, STATES) for n in range(5)]
    journal.add("other/topic", b"\xff\x00")
    viewer = door.client("viewer")
    whole = viewer.get("/messages").json()
    assert [m["id"] for m in whole["messages"]] == [m.id for m in wanted] + [whole["after"]]
    assert whole["messages"][-1]["payload_base64"] == "/wA="
    some = viewer.get("/messages", params={"filter": STATES, "limit": 2}).json()
    assert [m["payload"] for m in some["messages"]] == ['{"n":3}', '{"n":4}']
    assert some["messages"][0] == {
        "id": wanted[3].id,
        "ts": "2023-11-14T22:13:20.004Z",
        "topic": STATE,
        "payload": '{"n":3}',
        "payload_base64": None,
        "qos": 1,
        "retain": False,
        "dup": False,
        "properties": None,
    }


def test_messages_are_paged_through_without_loss_or_repetition(
    door: Door, journal: Journal
) -> None:
    wanted = [journal.add(STATE if n % 3 else "rare/topic", b"%d" % n, STATES) for n in range(700)]
    viewer, seen, after, more = door.client("viewer"), [], "0-0", True
    while more:
        page = viewer.get("/messages", params={"filter": "rare/#", "after": after, "limit": 50})
        seen += [m["id"] for m in page.json()["messages"]]
        after, more = page.json()["after"], page.json()["more"]
    assert seen == [m.id for m in wanted if m.topic == "rare/topic"]
    newest = viewer.get("/messages", params={"filter": "rare/topic", "limit": 3}).json()
    assert [m["id"] for m in newest["messages"]] == seen[-3:]


def test_a_wrong_question_is_refused_by_the_name_of_its_field(door: Door) -> None:
    viewer = door.client("viewer")
    for query, field in WRONG_QUESTIONS:
        body = problem(viewer.get("/messages", params=query), 422, "invalid")
        assert [flaw["field"] for flaw in body["errors"]] == [field]


def test_an_environment_that_is_not_served_is_not_found(door: Door) -> None:
    body = problem(door.client("viewer").get("/state?environment=live"), 404, "no-environment")
    assert body["errors"] == [{"field": "environment", "detail": "served are: mock"}]


def test_a_stream_of_messages_goes_on_behind_the_last_one_seen(
    door: Door, journal: Journal
) -> None:
    client = door.client("viewer")
    path = f"/messages/stream?filter={STATES.replace('+', '%2B')}"
    with listening(client, path) as heard:
        journal.add("other/topic", b"{}")
        first = journal.add(STATE, b'{"n":1}', STATES)
        got = next(heard)
        assert (got.id, got.name, got.data["payload"]) == (first.id, "message", '{"n":1}')
    missed = [journal.add(STATE, b"{}", STATES) for _ in range(3)]
    with listening(client, path, last=first.id) as heard:
        assert [next(heard).id for _ in missed] == [m.id for m in missed]


@pytest.mark.parametrize("limit", [2, 3, 100])
def test_behind_an_id_all_that_is_kept_is_paged_through(
    door: Door, journal: Journal, limit: int
) -> None:
    """The buffer of a busy topic lets go by count long before the journal does by age."""
    told: list[str] = []
    for number in range(9):
        told.append(journal.add(STATE, b'{"n":%d}' % number, STATES).id)
        journal.add("other/topic", b"{}")
    journal.client.xtrim(buffer_key("mock", STATES), maxlen=3, approximate=False)
    journal.client.hset(key("mock", "counters"), f"trimmed:{STATES}", "6")
    viewer, after, found = door.client("viewer"), "0-0", list[str]()
    for _ in range(20):
        query = {"filter": STATES, "after": after, "limit": str(limit)}
        page = viewer.get("/messages", params=query).json()
        found += [one["id"] for one in page["messages"]]
        after = page["after"]
        if not page["more"]:
            break
    assert found == told
    query = {"filter": STATES, "after": told[6], "limit": "100"}
    behind = viewer.get("/messages", params=query).json()
    assert [one["id"] for one in behind["messages"]] == told[7:]
    fresh = journal.add(STATE, b"{}", STATES).id
    query["after"] = behind["after"]
    assert [one["id"] for one in viewer.get("/messages", params=query).json()["messages"]] == [
        fresh
    ]


def test_a_stream_says_when_messages_behind_the_last_one_seen_are_gone(
    door: Door, journal: Journal
) -> None:
    ids = [journal.add("a/b", b"{}").id for _ in range(4)]
    journal.client.xtrim(buffer_key("mock", "#"), maxlen=2, approximate=False)
    journal.client.hset(key("mock", "counters"), "trimmed:#", "2")
    with listening(door.client("viewer"), "/messages/stream", last=ids[0]) as heard:
        gap, first = next(heard), next(heard)
    assert (gap.name, gap.data) == ("gap", {"after": ids[0], "first_id": ids[2]})
    assert first.id == ids[2]


def test_a_listener_that_was_overtaken_by_the_trimming_is_told_of_the_gap(
    door: Door, journal: Journal
) -> None:
    with listening(door.client("viewer"), "/messages/stream") as heard:
        # More than the sockets hold, so that the door has to wait for the listener.
        added = [journal.add("a/b", b"x" * 100_000) for _ in range(150)]
        door.stands(2 * STALL_S)
        # This one cannot be handed over.
        added.append(journal.add("a/b", b"stuck"))
        last = journal.add("a/b", b"last")
        journal.client.xtrim(buffer_key("mock", "#"), maxlen=1, approximate=False)
        journal.client.hset(key("mock", "counters"), "trimmed:#", str(len(added)))
        got = [next(heard)]
        while got[-1].id != last.id:
            got.append(next(heard))
    *before, gap, after = got
    assert [event.id for event in before] == [message.id for message in added][: len(before)]
    assert (gap.name, gap.data) == ("gap", {"after": before[-1].id, "first_id": last.id})
    assert (after.name, after.id) == ("message", last.id)


def test_every_kind_of_command_is_told_with_its_parameters(door: Door) -> None:
    found = {k["kind"]: k for k in door.client("viewer").get("/kinds").json()["kinds"]}
    assert set(found) == set(KINDS)
    assert found["production-order"]["parameters"]["required"] == ["colour"]
    assert found["production-order"]["title"]["de"]


def test_while_the_store_is_away_requests_say_so_and_streams_wait(
    processes: Processes, store: LocalServer
) -> None:
    door = Door(processes, store.url).ready()
    viewer = door.client("viewer")
    journal = Journal(store.url)
    journal.add("a/b", b"{}")
    with listening(viewer, "/messages/stream") as heard:
        store.kill()
        away = door.client("admin")
        answer = away.post("/commands", json={"kind": "park", "command_id": "c1"})
        assert problem(answer, 503, "store-away")["command_id"] == "c1"
        problem(away.get("/messages"), 503, "store-away")
        problem(away.get("/commands"), 503, "store-away")
        wait_for(lambda: not door.service.ready())
        store.restart()
        later = Journal(store.url).add("a/b", b"later", at=1_800_000_000_000)
        assert next(heard).id == later.id
    door.service.wait_ready()
    door.close()


def test_the_door_ends_clean_although_somebody_listens(door: Door) -> None:
    with listening(door.client("viewer"), "/messages/stream") as heard:
        door.service.send(signal.SIGTERM)
        assert door.service.wait(60) == 0
        assert list(heard) == []


def test_the_door_waits_for_a_store_that_starts_later(
    processes: Processes, store: LocalServer
) -> None:
    store.stop()
    door = Door(processes, store.url)
    wait_for(lambda: "waits for the store" in door.service.tail())
    store.restart()
    door.ready().close()
