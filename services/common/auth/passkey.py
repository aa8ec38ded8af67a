"""A passkey of a person: the public half of a key that one of their devices holds."""

from typing import Annotated

from pydantic import Field, StringConstraints

from services.common.store.keys import StreamModel

MAX_PASSKEYS = 10
"""Of one account."""
_Base64Url = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,2000}$")]


class Passkey(StreamModel):
    """One of them; nobody can sign in with what stands here."""

    id: _Base64Url
    public_key: _Base64Url
    host: str = Field(max_length=253)
    """The name in the address of the pages it was made for; it opens no other."""
    count: int = Field(0, ge=0)
    """How often the device says it was used; 0: the device does not count."""
    device: str = Field("", max_length=100)
    """Where it was made, as the person knows it."""
    added: float = 0.0
    """Unix seconds."""
