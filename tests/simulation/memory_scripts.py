"""Our Lua, run by Lua 5.1 on the store in memory, as the interpreter inside a store runs it."""

import json
from functools import cache
from hashlib import sha1
from typing import Any

from lupa import lua51
from redis.exceptions import NoScriptError, ResponseError

from tests.simulation.memory_store import MemoryStore

_CLOSED = b"""
setmetatable(_G, {
  __newindex = function(_, name) error('Script attempted to create a global ' .. name) end,
  __index = function(_, name) error('Script attempted to access an unknown global ' .. name) end,
})
"""
"""As in a store: what is forgotten to be `local` is an error."""
_HANDED_IN = b"local KEYS, ARGV = ... "


class ScriptCommands:
    """EVAL, EVALSHA and SCRIPT LOAD of one store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._known: dict[bytes, bytes] = {}
        store.command(b"EVAL", self._evaluate)
        store.command(b"EVALSHA", self._evaluate_known)
        store.command(b"SCRIPT LOAD", self._load)

    def _load(self, source: bytes) -> bytes:
        name = sha1(source, usedforsecurity=False).hexdigest().encode()
        self._known[name] = source
        return name

    def _evaluate_known(self, name: bytes, *given: bytes) -> Any:
        if name not in self._known:
            raise NoScriptError("No matching script. Please use EVAL.")
        return self._run(self._known[name], *given)

    def _evaluate(self, source: bytes, count: bytes, *given: bytes) -> Any:
        self._load(source)
        return self._run(source, count, *given)

    def _run(self, source: bytes, count: bytes, *given: bytes) -> Any:
        lua, keys = _INTERPRETER, int(count)
        handed = (lua.table_from(given[:keys]), lua.table_from(given[keys:]))
        _ASKED.append(self._store)
        try:
            return _answer(_compiled(source)(*handed))
        except lua51.LuaError as error:
            raise ResponseError(str(error)) from error
        finally:
            _ASKED.pop()


def new_store() -> MemoryStore:
    """An empty store that runs scripts."""
    store = MemoryStore()
    ScriptCommands(store)
    return store


_ASKED: list[MemoryStore] = []
"""The store whose script runs."""


def _call(name: bytes, *args: Any) -> Any:
    """`redis.call`."""
    given = [one if type(one) is bytes else _written(one) for one in args]
    return _told(_ASKED[-1].ask(name, given))


def _written(one: Any) -> bytes:
    """A number as Lua hands it over."""
    if isinstance(one, bool) or not isinstance(one, int | float):
        raise ResponseError("Lua redis lib command arguments must be strings or integers")
    return b"%d" % one if isinstance(one, int) else b"%.17g" % one


def _told(found: Any) -> Any:
    """An answer of the store, for Lua."""
    if type(found) is bytes or type(found) is int:
        return found
    if found is None:
        return False
    if isinstance(found, str):
        return _INTERPRETER.table_from({b"ok": found.encode()})
    return _INTERPRETER.table_from([_told(one) for one in found])


def _answer(found: Any) -> Any:
    """What a script returns, for a client."""
    if type(found) is bytes:
        return found
    if found is None or isinstance(found, bool):
        return 1 if found else None
    if isinstance(found, int | float):
        return int(found)
    if (said := found[b"err"]) is not None:
        raise ResponseError(said.decode())
    if (said := found[b"ok"]) is not None:
        return said
    answers, at = [], 1
    while (one := found[at]) is not None:
        answers.append(_answer(one))
        at += 1
    return answers


def _decoded(written: bytes) -> Any:
    """`cjson.decode`."""
    return _to_lua(json.loads(written))


def _to_lua(found: Any) -> Any:
    if isinstance(found, str):
        return found.encode()
    if isinstance(found, dict):
        # Put in one by one, as cjson does: the order in which Lua names them depends on it.
        table = _INTERPRETER.table()
        for name, value in found.items():
            table[name.encode()] = _to_lua(value)
        return table
    if isinstance(found, list):
        return _INTERPRETER.table_from([_to_lua(one) for one in found])
    return found


def _encoded(found: Any) -> bytes:
    """`cjson.encode`, which keeps fourteen digits of a number and escapes slashes."""
    if isinstance(found, bytes):
        return json.dumps(found.decode(), ensure_ascii=False).replace("/", "\\/").encode()
    if isinstance(found, bool):
        return b"true" if found else b"false"
    if isinstance(found, int | float):
        return b"%.14g" % found
    if found is None:
        return b"null"
    pairs = list(found.items())
    if pairs and all(isinstance(name, int) for name, _ in pairs):
        return b"[%b]" % b",".join(_encoded(value) for _, value in pairs)
    return b"{%b}" % b",".join(b"%b:%b" % (_encoded(n), _encoded(v)) for n, v in pairs)


def _digest(said: bytes) -> bytes:
    """`redis.sha1hex`."""
    return sha1(said, usedforsecurity=False).hexdigest().encode()


def _refusal(said: bytes) -> Any:
    """`redis.error_reply`."""
    return _INTERPRETER.table_from({b"err": said})


@cache
def _compiled(source: bytes) -> Any:
    return _INTERPRETER.compile(_HANDED_IN + source)


def _interpreter() -> Any:
    lua = lua51.LuaRuntime(encoding=None, register_eval=False)
    known = lua.globals()
    known[b"redis"] = lua.table_from(
        {b"call": _call, b"sha1hex": _digest, b"error_reply": _refusal}
    )
    known[b"cjson"] = lua.table_from({b"decode": _decoded, b"encode": _encoded})
    lua.execute(_CLOSED)
    return lua


_INTERPRETER = _interpreter()
