"""The shape of an interlock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from omf.commands.schemas import Basis
from omf.state import FactoryState
from omf.texts import Text, text

Question = Callable[[Any, FactoryState], bool | None]
"""(parameters, state) -> True, False, or None while the factory has not told enough."""
Words = Callable[[Any, FactoryState], Mapping[str, Text]]
"""(parameters, state) -> what fills further `{name}` places of the texts, e.g. the modules meant.
"""


@dataclass(frozen=True, slots=True)
class InterlockRule:
    """One interlock; its texts may name parameters, as in `{serial}`."""

    id: str
    test: Question
    unknown_passes: bool = False
    """True: the command may go as long as nothing speaks against it."""
    basis: Basis = "factory"
    """Who wants it so: the factory itself, or our prudence where the factory would do it."""
    applies: Callable[[Any], bool] | None = None
    """Whether it has anything to ask of these parameters; None: always. Else it is not shown."""
    words: Words | None = None
    advisory: bool = False
    """True: it only warns, and stops nothing."""

    def needs(self, **words: object) -> Text:
        """What must hold, as a statement."""
        return text(f"interlock.{self.id}.needs", **words)

    def reason(self, **words: object) -> Text:
        """Why the command is refused when it does not hold."""
        return text(f"interlock.{self.id}.reason", **words)
