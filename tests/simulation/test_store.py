"""The store of the simulation answers as a real one does, asked the same at random."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
import redis
from redis.exceptions import ResponseError

from services.alarms import repository as alarm_repository
from services.common.store.submission import SUBMIT
from services.gateway import repository as gateway_repository
from services.ingest import stream_writer
from services.orders import repository as orders_repository
from tests.simulation.memory_scripts import new_store
from tests.simulation.store import DirectRedis

CALLS = 600
FAR_S = "100000"
Call = Callable[[Any], Any]


def _calls(dice: Random) -> Iterator[tuple[str, Call]]:
    """What our services ask of a store, on few keys, so that calls meet each other."""
    number = 0
    while True:
        number += 1
        yield dice.choice(ASKED)(dice, number)


def _name(dice: Random, what: str) -> str:
    return f"{{mock}}:{what}:{dice.randrange(3)}"


def _stream(dice: Random, number: int) -> tuple[str, Call]:
    name, entry = _name(dice, "s"), f"{dice.randrange(number + 5)}-{dice.randrange(3)}"
    return dice.choice(
        (
            (f"XADD {name} {entry}", lambda c: c.xadd(name, {"a": str(number)}, id=entry)),
            (f"XRANGE {name} {entry}", lambda c: c.xrange(name, f"({entry}", "+", 7)),
            (f"XREVRANGE {name} {entry}", lambda c: c.xrevrange(name, entry, "-", 2)),
            (f"XTRIM {name} {entry}", lambda c: c.xtrim(name, minid=entry, approximate=False)),
            (f"XDEL {name} {entry}", lambda c: c.xdel(name, entry)),
            (f"XREAD {name} {entry}", lambda c: c.xread({name: entry}, 5)),
            (f"XLEN {name}", lambda c: c.xlen(name)),
        )
    )


def _group(dice: Random, number: int) -> tuple[str, Call]:
    name, entry = _name(dice, "s"), f"{dice.randrange(number + 5)}-{dice.randrange(3)}"

    def pending(client: Any) -> Any:
        rows = client.xpending_range(name, "g", min="-", max="+", count=20)
        return [(row["message_id"], row["consumer"], row["times_delivered"]) for row in rows]

    def progress(client: Any) -> Any:
        stream, groups = client.xinfo_stream(name), client.xinfo_groups(name)
        read = [(one["last-delivered-id"], one["pending"]) for one in groups]
        return stream["last-generated-id"], stream["length"], read

    return dice.choice(
        (
            (f"XGROUP CREATE {name}", lambda c: c.xgroup_create(name, "g", "0", mkstream=True)),
            (f"XREADGROUP {name}", lambda c: c.xreadgroup("g", "g", {name: ">"}, 3)),
            (f"XACK {name} {entry}", lambda c: c.xack(name, "g", entry)),
            (f"XCLAIM {name} {entry}", lambda c: c.xclaim(name, "g", "g", 0, [entry])),
            (f"XPENDING {name}", pending),
            (f"XINFO {name}", progress),
        )
    )


def _hash(dice: Random, number: int) -> tuple[str, Call]:
    name, field = _name(dice, "h"), f"f{dice.randrange(3)}"
    return dice.choice(
        (
            (f"HSET {name}", lambda c: c.hset(name, field, number)),
            (f"HDEL {name}", lambda c: c.hdel(name, field)),
            (f"HGETALL {name}", lambda c: c.hgetall(name)),
            (f"LRANGE {name}", lambda c: c.lrange(f"{name}:list", 0, -1)),
        )
    )


def _attempt(dice: Random, number: int) -> tuple[str, Call]:
    keys = [_name(dice, "sent"), "{mock}:receipts", _name(dice, "unsent")]
    expires = dice.choice(("0", "99999999999"))
    args = [
        expires,
        dice.choice("01"),
        f"attempt {number}",
        FAR_S,
        dice.choice(("1", "99999999999")),
    ]
    script = gateway_repository._ATTEMPT
    return f"attempt {args}", lambda c: c.eval(script, 3, *keys, *args)


def _settle(dice: Random, number: int) -> tuple[str, Call]:
    keys = [_name(dice, "sent"), "{mock}:receipts", _name(dice, "s")]
    args = [dice.choice(("acknowledged", "unknown")), f"settled {number}", "g", "1-1", FAR_S]
    return f"settle {args}", lambda c: c.eval(gateway_repository._SETTLE, 3, *keys, *args)


def _decide(dice: Random, number: int) -> tuple[str, Call]:
    who = f"c{dice.randrange(8)}"
    named = ("commands", f"command:{who}", "events", "outbox", "audit", "open", "audit:head")
    keys = [f"{{mock}}:{one}" for one in (*named, "brackets", "lease")]
    lock = f'{{"command_id":"{who}","operator":"{dice.choice("ab")}","at":1,"held":true}}'
    keys += [_name(dice, "claim") for _ in range(dice.randrange(3))]
    heads = ("", "", dice.choice(("x", "y")))
    head, sealed = dice.choice(heads), dice.choice(("", "x", "y"))
    args = ["g", "1-1", who, FAR_S, "command", f"audit {number}", dice.choice(("", "run")), "out"]
    args += [lock, "1000000", "", "", dice.choice(("", "")), head, sealed, "one", "two"]
    script = orders_repository._DECIDE
    return f"decide {args}", lambda c: c.eval(script, len(keys), *keys, *args)


def _advance(dice: Random, number: int) -> tuple[str, Call]:
    who = f"c{dice.randrange(8)}"
    named = (f"command:{who}", "events", "outbox", "open", "receipts", f"sent:{who}", "brackets")
    keys = [f"{{mock}}:{one}" for one in (*named, "audit", "audit:head", f"unsent:{who}")]
    keys += [_name(dice, "claim") for _ in range(dice.randrange(3))]
    args = [who, str(dice.randrange(6)), FAR_S, dice.choice(("", "run")), dice.choice(("", "out"))]
    args += ["g", dice.choice(("", "1-1")), dice.choice("01"), "0", "", dice.choice(("", "end"))]
    args += [dice.choice(("", "x")), f"x{number % 3}", "event"]
    script = orders_repository._ADVANCE
    return f"advance {args}", lambda c: c.eval(script, len(keys), *keys, *args)


def _alarms(dice: Random, number: int) -> tuple[str, Call]:
    keys = [f"{{mock}}:{one}" for one in ("alarms", "alarms:now", "alarms:owner", "handovers")]
    args = [dice.choice(("", "w0", "w1")), f"w{number % 2}", "1", f"a{dice.randrange(3)}", "life"]
    args += ["1", f"a{dice.randrange(3)}", "0", "entry"]
    return f"alarms {args}", lambda c: c.eval(alarm_repository._WRITE, 4, *keys, *args)


def _append(dice: Random, number: int) -> tuple[str, Call]:
    names = ("ingest", "latest", "counters", "window", "marks", "retained", "ingest", "archived")
    keys = [f"{{mock}}:{one}" for one in (*names, "buffer:#", "buffer:a")]
    args: list[Any] = [dice.choice("11112"), number, 1, b"123456", dice.choice("0001"), 0]
    args += ["#", "", 0, 200_000, 0, 0, "a", 20, 0, "", 0, 0]
    for place in range(dice.randrange(1, 4)):
        head = dice.choice(("1000", "1100", "1010", "1101", "1102")) + dice.choice(("1", "1,2"))
        args += [f"{1000 + number}-{place}", f"t{dice.randrange(3)}", f"p{dice.randrange(4)}", head]
    return f"append {number}", lambda c: c.eval(stream_writer._APPEND, len(keys), *keys, *args)


def _submit(dice: Random, number: int) -> tuple[str, Call]:
    named = ("commands", f"command:c{dice.randrange(8)}", "throttle", "throttle:people")
    keys = [f"{{mock}}:{one}" for one in (*named, "throttle:counts")]
    # Nobody gets a token while this runs; when one was used is by the clock of each store.
    every, who = dice.choice(("", "1e12")), f"p{dice.randrange(50)}"
    args = [f"submitted {number}", who, dice.choice("0001"), "3", "10"]

    def submit(client: Any) -> Any:
        client.set(keys[2], every)
        said, found = client.eval(SUBMIT, len(keys), *keys, *args)
        for name, told in client.hgetall(keys[3]).items():
            client.hset(keys[3], name, told.split()[0] + b" 9e12")
        return said, found if said == b"busy" else ""

    return f"submit {args}", submit


ASKED = (_stream, _group, _hash, _attempt, _settle, _decide, _advance, _alarms, _append, _submit)


def _answer(call: Call, client: Any) -> Any:
    """What a caller sees; ids the server gives by its own clock are left out."""
    try:
        return _plain(call(client))
    except ResponseError:
        return "refused"  # each in words of its own


def _plain(found: Any) -> Any:
    if isinstance(found, dict):
        return {_plain(name): _plain(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_plain(one) for one in found]
    return found


def _contents(client: Any) -> dict[str, Any]:
    """All that lies there, without the ids the server gave by its clock."""
    found: dict[str, Any] = {}
    for name in sorted(client.keys("*")):
        kind = client.type(name)
        if kind == b"stream":
            own = b":s:" in name or b"buffer" in name
            found[name] = [(e if own else b"", f) for e, f in client.xrange(name)]
        if kind == b"hash":
            found[name] = client.hgetall(name)
        if kind == b"string":
            found[name] = client.get(name)
        if kind == b"list":
            found[name] = client.lrange(name, 0, -1)
    return found


@pytest.mark.alike
@pytest.mark.parametrize("seed", range(5))
def test_both_answer_the_same(store_url: str, seed: int) -> None:
    real: Any = redis.Redis.from_url(store_url)
    simulated: Any = DirectRedis(new_store())
    calls = _calls(Random(seed))  # noqa: S311 - to be repeated by its seed
    for number in range(CALLS):
        said, call = next(calls)
        expected, found = _answer(call, real), _answer(call, simulated)
        assert found == expected, f"call {number}: {said}"
    assert _contents(simulated) == _contents(real)
    real.close()
