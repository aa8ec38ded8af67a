"""What pages and command line say to each other while a person signs in at another machine.

The pages alone speak to the company's provider (RFC 8628) and make tokens; the command line shows
the code and asks, no more often than it was told.
"""

from typing import Literal

from pydantic import Field

from services.common.store.keys import Role, StreamModel

DEVICE_START, DEVICE_ANSWER = "/login/device", "/login/device/answer"

DeviceState = Literal[
    "begun",
    "pending",
    "slow_down",
    "away",
    "signed_in",
    "expired",
    "denied",
    "refused",
    "no_right",
    "not_offered",
    "not_allowed",
    "no_tokens",
    "too_many",
    "too_often",
    "store_away",
    "not_begun_here",
]
"""How far it is; from `expired` on it is over, and nobody is signed in."""


class DeviceAnswer(StreamModel):
    """One answer of the pages; which fields it has follows from its state."""

    state: DeviceState
    attempt: str = Field("", repr=False)
    """Begun: what the command line asks with; nobody else could have made it."""
    user_code: str = ""
    address: str = ""
    """Where the code is entered."""
    address_with_code: str = ""
    """Where it needs not be typed; "" where the provider has no such address."""
    lasts_s: int = 0
    every_s: int = 0
    name: str = ""
    """Signed in: who, as what, with which token until when in Unix seconds."""
    role: Role = Role.VIEWER
    token: str = Field("", repr=False)
    until: float = 0.0
