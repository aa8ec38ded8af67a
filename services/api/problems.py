"""Every way a request can be refused, as RFC 9457 problem+json in the language of who asks."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from omf.texts import Language, Text, text

MEDIA_TYPE = "application/problem+json"


class ProblemType(NamedTuple):
    """One kind of refusal: what it is, and what the caller can do about it."""

    id: str
    status: int

    @property
    def title(self) -> Text:
        """What it is."""
        return text(f"problem.{self.id}")

    @property
    def mend(self) -> Text:
        """What the caller can do about it."""
        return text(f"problem.{self.id}.remedy")


class FieldError(NamedTuple):
    """What is wrong with one field of the request."""

    field: str
    text: Text


class ProblemField(BaseModel):
    """One field at fault."""

    model_config = ConfigDict(frozen=True)

    field: str
    detail: str


class Problem(BaseModel):
    """Why a request was not granted, and the mend, in the language of Accept-Language."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    type: str = Field(examples=["urn:omf:problem:invalid"])
    title: str
    status: int
    detail: str
    mend: str
    errors: tuple[ProblemField, ...] = ()
    command_id: str | None = None
    """The life of the refused command, where it has one: `GET /api/v1/commands/{command_id}`."""


class RefusalError(Exception):
    """The request ends here, as a problem."""

    def __init__(
        self,
        sort: ProblemType,
        detail: Text | None = None,
        *,
        field_errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        command_id: str | None = None,
    ) -> None:
        super().__init__(sort.id)
        self.sort = sort
        self.detail = detail or sort.title
        self.field_errors = tuple(field_errors)
        self.headers = dict(headers or {})
        self.command_id = command_id

    def answer(self, language: Language) -> JSONResponse:
        """The refusal as it is sent."""
        said = [ProblemField(field=f.field, detail=f.text.in_(language)) for f in self.field_errors]
        body = Problem(
            type=f"urn:omf:problem:{self.sort.id}",
            title=self.sort.title.in_(language),
            status=self.sort.status,
            detail=self.detail.in_(language),
            mend=self.sort.mend.in_(language),
            errors=tuple(said),
            command_id=self.command_id,
        )
        headers = {"content-language": language, "vary": "accept-language", **self.headers}
        content = body.model_dump(mode="json", exclude_none=True)
        return JSONResponse(content, self.sort.status, headers, MEDIA_TYPE)
