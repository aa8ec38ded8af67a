"""What the factory's codes mean in words a person reads, in German and English, from terms.yaml."""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

ACT_OF_STATE: dict[str | None, str] = {
    "WAITING": "todo",
    "ENQUEUED": "todo",
    "FINISHED": "done",
    "FAILED": "failed",
    "ERROR": "failed",
}
"""How an act is spoken of by its state; what is not among them is under way."""


class Term(NamedTuple):
    """The same words in both languages."""

    de: str
    en: str


@cache
def terms() -> dict[str, Term]:
    """All terms by key, e.g. `colour.RED`."""
    text = files("omf").joinpath("terms.yaml").read_text(encoding="utf-8")
    return {key: Term(*pair) for key, pair in yaml.load(text, yaml.CSafeLoader).items()}


def term(group: str, code: str | None) -> Term:
    """The words of a code, e.g. `term("colour", "RED")`.

    A code nobody has words for is shown as it came, None as unknown.
    """
    if code is None:
        return terms()["unknown"]
    return terms().get(f"{group}.{code}") or Term(code, code)


def fault(code: str | None) -> Term:
    """What an error type of a device means; one without words is said in plain letters.

    `MOTOR_STALL` becomes `motor stall`: a code is never shown to people as it came.
    """
    if not code:
        return terms()["fault.unnamed"]
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", code.replace("_", " "))
    plain = " ".join(parted.split()).lower()
    known = terms().get(f"fault.{code}")
    return Term(f"„{known.de}“", f"“{known.en}”") if known else Term(plain, plain)


def act(command: str | None, state: str | None, kind: str | None = None) -> Term:
    """What a device does by its command and the state of it: `gives out`, `could not drill`.

    `kind` is the type of the module; without one, and for commands nobody has words for, the
    command is shown as it came.
    """
    return spoken(command, kind, ACT_OF_STATE.get(state, "does"))


def judged(command: str | None, result: str | None, kind: str | None = None) -> Term | None:
    """What an ended act resulted in, e.g. `checked, quality not OK`; None if it says no more."""
    return _found(command, kind, str(result)) if result in {"PASSED", "FAILED"} else None


def spoken(command: str | None, kind: str | None, tense: str) -> Term:
    """An act in one of the tenses `does`, `todo`, `done`, `failed`."""
    if command is None:
        return terms()["unknown"]
    return _found(command, kind, tense) or Term(command, command)


def way(source: str | None, target: str | None) -> Term:
    """A drive of an order between two types of module: `vehicle drives HBW → MILL`.

    An order begins at START: wherever the vehicle stands. The same place twice is a second docking.
    """
    if not target:
        return terms()["way.unknown"]
    key = "again" if source == target else "to" if source in {None, "", "START"} else "over"
    return Term(*(one.format(start=source, target=target) for one in terms()[f"way.{key}"]))


def after(name: str | None, words: Term) -> Term:
    """The words behind the name of who does it: `HBW gives out`."""
    return Term(*(f"{name} {one}" if name else one for one in words))


def _found(command: str | None, kind: str | None, tense: str) -> Term | None:
    known = terms()
    return known.get(f"act.{kind}.{command}.{tense}") or known.get(f"act.{command}.{tense}")
