"""A command as it goes to the store, and its answer as the driver reads it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha1
from typing import Any

import hiredis


def pack(words: Sequence[Any]) -> bytes:
    """The bytes of one command, packed by compiled code."""
    name = words[0]
    whole: Any = (*name.split(), *words[1:]) if " " in name else words
    packed: bytes = hiredis.pack_command(whole)
    return packed


def read_answer(readers: Any, name: str, options: Mapping[str, Any], answer: Any) -> Any:
    """What the driver makes of the answer to the command `name`; `keys` is for its cache alone."""
    read: Callable[..., Any] | None = readers.get(name)
    if read is None:
        return answer
    return read(answer, **{word: how for word, how in options.items() if word != "keys"})


def tell(waiting: "asyncio.Future[Any]", answer: Any) -> None:
    """Give an answer of the store, or its error, to who asked."""
    if waiting.done():  # who asked was cancelled meanwhile
        return
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)


@lru_cache
def digest(source: str) -> str:
    """The name by which the store knows a script."""
    return sha1(source.encode(), usedforsecurity=False).hexdigest()
