"""The shape of an interlock."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from omf.commands.shapes import Text
from omf.factory import FactoryState

Question = Callable[[Any, FactoryState], bool | None]
"""(parameters, state) -> True, False, or None while the factory has not told enough."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One interlock; its texts may name parameters, as in `{serial}`."""

    id: str
    needs: Text
    """What must hold, as a statement."""
    reason: Text
    """Why the command is refused when it does not hold."""
    test: Question
    unknown_passes: bool = False
    """True: the command may go as long as nothing speaks against it."""


def rule(
    name: str,
    needs: tuple[str, str],
    reason: tuple[str, str],
    test: Question,
    *,
    unknown_passes: bool = False,
) -> Rule:
    """An interlock from its texts (German, English) and its question."""
    must, why = (Text(de=de, en=en) for de, en in (needs, reason))
    return Rule(name, must, why, test, unknown_passes)
