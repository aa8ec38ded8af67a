"""The data of a command, from the kind on the menu to the verdict on its effect; no decisions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from omf.commands.forms import Form
from omf.state import FactoryState
from omf.texts import LANGUAGES, Saying, Text, text

Risk = Literal["normal", "guarded", "dangerous", "raw"]
"""How a click is confirmed: at once, after the preview, after a typed word, by an administrator."""
Outcome = Literal["effect", "failed"]
Basis = Literal["factory", "prudence", "confirmation"]
"""Who asks for an interlock: the factory, which would not do it otherwise; our prudence, where the
factory would do it; or the confirmation of a dangerous command."""
RoleName = Literal["viewer", "operator", "supervisor", "admin"]
ShownBy = Literal["", "account", "token"]
"""What somebody showed to be known by; "": nothing, the name is only claimed."""


class CommandError(ValueError, Saying):
    """The command cannot be built; `field` names the parameter at fault, "" the kind itself."""

    def __init__(self, field: str, said: Text) -> None:
        super().__init__(f"{field}: {said.en}" if field else said.en)
        self.field = field
        self.text = said

    @property
    def told(self) -> Text:
        """What is wrong, behind the name of the parameter."""
        if not self.field:
            return self.text
        return text("detail.joined", what=self.field, detail=self.text)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Worded(_Frozen, Saying):
    """What says something; written with one field per language, as it always was."""

    text: Text

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or "text" in given:
            return given
        words = {one: given[one] for one in LANGUAGES if one in given}
        return {name: value for name, value in given.items() if name not in words} | {"text": words}

    @model_serializer(mode="wrap")
    def _spread(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        words: dict[str, str] = written.pop("text")
        return written | words


class Check(_Worded):
    """One interlock as it stands now; `met` is None while the factory has not told enough.

    `text` says what is fulfilled, or, if it is not, the reason why the command is refused.
    """

    id: str
    met: bool | None
    blocking: bool = True
    """False: shown, but it does not stop the command."""
    basis: Basis = "factory"

    @property
    def overridable(self) -> bool:
        """True if a supervisor may send the command all the same, with a reason."""
        return self.basis == "prudence"

    @property
    def passed(self) -> bool:
        """True if this check does not stand in the way."""
        return self.met is True or not self.blocking


def standing(checks: Iterable[Check], *, override: str = "") -> tuple[Check, ...]:
    """The checks that stand in the way, without those the reason `override` sets aside."""
    return tuple(
        check for check in checks if not (check.passed or (override and check.overridable))
    )


class Effect(_Frozen):
    """What the factory will report if the command worked; pure data, judged by `judge`."""

    rule: str
    """Name of the rule in `omf/commands/proof/`."""
    topics: tuple[str, ...]
    """Topic filters of the messages worth judging."""
    expect: dict[str, Any] = Field(default_factory=dict)
    before: dict[str, Any] = Field(default_factory=dict)
    """What the factory told before, which proves nothing when it is told again; no part of the
    fingerprint."""
    already: bool = False
    """True: it was so before, so silence means that there was nothing to change."""
    window_s: float
    """Seconds after the PUBACK (a follow-up: after the proof before it) until silence counts."""
    text: Text
    follow_up: "Effect | None" = None
    """What is watched next once this one is proven: the end of an action after its beginning."""
    otherwise: "Effect | None" = None
    """Proves the same if the window passed in silence, judged over the same messages again."""


class Verdict(_Worded):
    """A message decided an effect, and the reason."""

    outcome: Outcome


class PlannedStep(_Frozen):
    """One message, frozen to the byte; a later step goes out only when this one is proven.

    Proven means the last effect of the chain (`follow_up`), e.g. FINISHED or docked.
    """

    topic: str
    payload: str
    qos: Literal[0, 1, 2] = 1
    retain: bool = False
    once: bool = True
    """True: sent a second time it could act twice."""
    title: Text
    effect: Effect
    device: str = ""
    """Serial of the addressed device, "" for the CCU; one bracket at a time per device."""
    order_id: str = ""
    order_update_id: int | None = None
    was: tuple[str, str] | None = None
    """Topic and payload as they were made, where a person edited them; None: nobody did."""
    action_id: str = ""
    """The action whose FINISHED ends the step: the module action, or DOCK of a drive."""

    @property
    def published(self) -> bool:
        """False: no broker hears of it; it is an act on an alarm, handed to their owner."""
        return bool(self.topic)


class SettingChange(_Frozen):
    """One value a command would change: how it stands, and how it would stand."""

    name: Text
    before: Text
    """`unknown` where the factory has not told it."""
    after: Text


class Plan(_Frozen):
    """A command ready to be decided on: every byte, every interlock, every expected effect."""

    kind: str
    parameters: dict[str, Any]
    steps: tuple[PlannedStep, ...]
    checks: tuple[Check, ...]
    losses: tuple[Text, ...] = ()
    """What it takes away for good, as the factory stands now."""
    changes: tuple[SettingChange, ...] | None = None
    """What it would set otherwise than it is now; None for a command that sets nothing."""
    automatic: bool = True
    """False: each step waits for a person to release it."""

    @property
    def allowed(self) -> bool:
        """True if no interlock stands in the way."""
        return all(check.passed for check in self.checks)

    @property
    def edited(self) -> bool:
        """True if a person wrote one of its messages."""
        return any(step.was for step in self.steps)

    @property
    def refusals(self) -> tuple[Check, ...]:
        """The interlocks that stand in the way."""
        return standing(self.checks)


@dataclass(frozen=True, slots=True)
class Drafting:
    """What a builder may use: the factory as it is known, the time and a source of fresh ids."""

    state: FactoryState
    now: float
    """Unix seconds."""
    new_id: Callable[[], str]


class Kind(_Frozen):
    """One entry of the command menu: everything about a command except its parameters' values."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    """Its texts are `kind.<name>` and `kind.<name>.summary`."""
    reads: Text | None = None
    """Which fields of its message the factory reads, where it does not read all of them."""
    parameters: type[Form]
    build: Callable[[Any, Drafting], tuple[PlannedStep, ...]] = Field(repr=False)
    resolve: Callable[[Any, FactoryState], Form] | None = Field(default=None, repr=False)
    """Fills in what the factory knows, such as the serial of the only MILL."""
    losses: Callable[[Any, FactoryState], tuple[Text, ...]] | None = Field(default=None, repr=False)
    """What it takes away for good; None for a command that loses nothing."""
    interlocks: tuple[str, ...]
    """Ids of `omf.commands.interlocks.RULES`, in the order they are shown."""
    risk: Risk
    role: RoleName
    expiry_s: float
    """Seconds after which the command is no longer what the operator meant and is dropped."""
    once: bool
    """True: never resent blindly, because it could act twice."""
    moves: bool
    """True: something in the factory moves; refused on an old view."""
    holds_back: bool = False
    """True: it only keeps something from happening, so nobody is made to wait for it."""
    urgent: bool = False
    """True: taken on however busy orders is, though it does more than to hold something back."""
    only_mock: bool = False
    """True: it is no command of a factory; only the mock one gets it."""
    typed_word: Text | None = None
    """The word always to type into `confirm`, in any of the languages; a free message asks for one
    only to retain."""
    prudence: frozenset[str] = frozenset()
    """Interlocks of other kinds' factory reasons that only prudence asks of this one."""
    source: str
    """Section of PROTOCOL that fixes topic, payload and effect; "" where the factory hears nothing.
    """

    @property
    def title(self) -> Text:
        """What it is called."""
        return text(f"kind.{self.name}")

    @property
    def summary(self) -> Text:
        """What it does, in a sentence."""
        return text(f"kind.{self.name}.summary")

    @property
    def risky(self) -> bool:
        """True if only the holder of the control lease may give it, where one is required."""
        return self.risk != "normal" and not self.holds_back

    @property
    def taken_in_any_case(self) -> bool:
        """True if it is never refused for want of time."""
        return self.holds_back or self.urgent

    def needs_second(self, *, edited: bool) -> bool:
        """True if a second person must approve it, where a factory asks for four eyes.

        Whoever may write the message may write any, so a free or an edited one is as dangerous.
        """
        return not self.holds_back and (edited or self.risk in ("dangerous", "raw"))
