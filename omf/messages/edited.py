"""Messages of a command as a person edited them before they go out: topic and payload, literally.

They stand with the command, so they are plain data; `omf/commands/edits.py` puts them in place.
"""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

MAX_EDITED_STEPS = 50


class EditedMessage(BaseModel):
    """One of the messages, as it shall go out."""

    model_config = ConfigDict(frozen=True)

    step: int = Field(ge=0, lt=MAX_EDITED_STEPS)
    """Which of the command's messages, from 0."""
    topic: str
    payload: str


class EditedMessages(BaseModel):
    """Every edit of one command, and what its ids are made of."""

    model_config = ConfigDict(frozen=True)

    ids: UUID
    """The other messages of the command get the ids that were read beside the edited ones."""
    messages: tuple[EditedMessage, ...] = Field(min_length=1, max_length=MAX_EDITED_STEPS)
