"""What the factory's codes mean in words a person reads.

Acts have keys `act.COMMAND.TENSE`, or with the type of a module before the command where it means
something of that type only: `does` is under way, `todo` told and not begun, `done` ended well,
`failed` ended badly.
"""

import re
from functools import cache

from omf.texts import Text, first, has, joined, keys, text, verbatim

ACT_OF_STATE: dict[str | None, str] = {
    "WAITING": "todo",
    "ENQUEUED": "todo",
    "FINISHED": "done",
    "FAILED": "failed",
    "ERROR": "failed",
}
"""How an act is spoken of by its state; what is not among them is under way."""


def term(group: str, code: str | None) -> Text:
    """The words of a code, e.g. `term("colour", "RED")`.

    A code nobody has words for is shown as it came, None as unknown.
    """
    return text("unknown") if code is None else first(f"{group}.{code}", otherwise=code)


def fault(code: str | None) -> Text:
    """What an error type of a device means; one without words is said in plain letters.

    `MOTOR_STALL` becomes `motor stall`: a code is never shown to people as it came.
    """
    if not code:
        return text("fault.unnamed")
    if has(f"fault.{code}"):
        return text("term.quoted", words=text(f"fault.{code}"))
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", code.replace("_", " "))
    return verbatim(" ".join(parted.split()).lower())


def act(command: str | None, state: str | None, kind: str | None = None) -> Text:
    """What a device does by its command and the state of it: `gives out`, `could not drill`.

    `kind` is the type of the module; without one, and for commands nobody has words for, the
    command is shown as it came.
    """
    return spoken(command, kind, ACT_OF_STATE.get(state, "does"))


def judged(command: str | None, result: str | None, kind: str | None = None) -> Text | None:
    """What an ended act resulted in, e.g. `checked, quality not OK`; None if it says no more."""
    keys = _keys(command, kind, str(result)) if result in {"PASSED", "FAILED"} else ()
    return next((text(key) for key in keys if has(key)), None)


def spoken(command: str | None, kind: str | None, tense: str) -> Text:
    """An act in one of the tenses `does`, `todo`, `done`, `failed`."""
    if command is None:
        return text("unknown")
    return first(*_keys(command, kind, tense), otherwise=command)


def way(source: str | Text | None, target: str | Text | None) -> Text:
    """A drive of an order between two types of module: `vehicle drives HBW → MILL`.

    An order begins at START: wherever the vehicle stands. The same place twice is a second docking.
    """
    if not target:
        return text("way.unknown")
    if source == target:
        return text("way.again", target=target)
    if source in {None, "", "START"}:
        return text("way.to", target=target)
    return text("way.over", start=source, target=target)


@cache
def code_families() -> tuple[frozenset[str], ...]:
    """Codes that belong together: each group for whose codes there are words."""
    found: dict[str, set[str]] = {}
    for key in keys():
        parts = key.split(".")
        for place, part in enumerate(parts[1:], 1):
            if part.isupper():
                found.setdefault(".".join(parts[:place]), set()).add(part)
    return tuple(map(frozenset, found.values()))


def after(name: str | Text | None, words: Text) -> Text:
    """The words behind the name of who does it: `HBW gives out`."""
    if not name:
        return words
    return joined(" ", [name if isinstance(name, Text) else verbatim(name), words])


def _keys(command: str | None, kind: str | None, tense: str) -> tuple[str, str]:
    return f"act.{kind}.{command}.{tense}", f"act.{command}.{tense}"
