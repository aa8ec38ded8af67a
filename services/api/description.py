"""What the OpenAPI document says beyond the routes' own types: the refusals, the streams."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.api import reasons
from services.api.problems import MEDIA_TYPE, Problem, ProblemType

PREFIX = "/api/v1"
_ALWAYS = (
    reasons.UNREADABLE,
    reasons.UNKNOWN_CLIENT,
    reasons.ROLE,
    reasons.NO_ENVIRONMENT,
    reasons.TOO_SLOW,
    reasons.TOO_LARGE,
    reasons.INVALID,
    reasons.TOO_MANY_STREAMS,
    reasons.BUG,
    reasons.STORE_AWAY,
)
_SCHEMA = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events, until one side ends it.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
ALSO_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
"""Of a route whose `format` may be `csv` or `pdf`."""
ABOUT = """Commands in; state, messages and what became of every command out.

A command is submitted once per `command_id` and followed to the factory's proof: `202` means
handed to the arbiter, not done. Refusals are RFC 9457 problems in the language of Accept-Language
(de, en).
"""


def refusals(*more: ProblemType) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for its documentation."""
    said: dict[int | str, dict[str, Any]] = {}
    for sort in (*_ALWAYS, *more):
        said[sort.status] = {"description": sort.title.en, "content": _SCHEMA}
    return said


def describe(app: FastAPI) -> None:
    """The app's OpenAPI document knows the problem every refusal is."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title, version=app.version, description=ABOUT, routes=app.routes
            )
            schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            parts = found["components"]["schemas"]
            parts |= schema.pop("$defs", {})
            parts["Problem"] = schema
            for path in found["paths"].values():
                for operation in path.values():
                    _never_null(operation.get("parameters", ()))
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign] # the way FastAPI documents


def _never_null(parameters: Iterable[dict[str, Any]]) -> None:
    """What may be left out of an address cannot be null there."""
    for parameter in parameters:
        schema = parameter["schema"]
        if len(options := schema.pop("anyOf", ())) > 1:
            schema |= options[0]
