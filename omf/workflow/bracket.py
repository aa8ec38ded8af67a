"""A bracket: several steps on one device under one order ("Sequenzklammer")."""

from pydantic import BaseModel, ConfigDict

from omf.commands import PlannedStep, Text


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Reason(_Frozen):
    """Why a bracket stopped, and what a person can do about it."""

    why: Text
    advice: Text


class Bracket(_Frozen):
    """What is ours on one device while a manual order runs (PROTOCOL C.17 to C.21)."""

    device: str
    order_id: str
    steps: tuple[PlannedStep, ...]
