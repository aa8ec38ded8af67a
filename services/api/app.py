"""Puts the routes on their addresses and every refusal into its form."""

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from omf import faults
from services.api import reasons
from services.api.access import only_known_names
from services.api.context import AppContext
from services.api.description import PREFIX, describe
from services.api.problems import FieldError, RefusalError
from services.api.routes import (
    alarms,
    audit,
    changes,
    commands,
    drift,
    foresight,
    history,
    messages,
    monitoring,
    plans,
    purchases,
    report,
    runs,
    sequences,
    state,
    why,
    workpieces,
)
from services.common.process.language import spoken
from services.common.store.bus import StoreError

_BY_STATUS = {404: reasons.NOT_HERE, 405: reasons.METHOD}


def application(context: AppContext) -> FastAPI:
    """All routes over the given door."""
    app = FastAPI(
        title="OMF Dashboard",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.context = context
    parts = (
        *(foresight, commands, messages, history, state, changes, drift),
        *(workpieces, report, runs, why, alarms, audit, sequences, plans, purchases, monitoring),
    )
    for part in (one.router for one in parts):
        app.include_router(part, dependencies=[Depends(only_known_names)])
    app.add_exception_handler(RefusalError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(StoreError, _store_away)
    app.add_exception_handler(Exception, _bug)
    describe(app)
    return app


def _answer(request: Request, refusal: RefusalError) -> JSONResponse:
    return refusal.answer(spoken(request.headers.get("accept-language", "")))


async def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RefusalError):
        raise error
    return _answer(request, error)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    found: Any = error.errors() if isinstance(error, RequestValidationError) else ()
    return _answer(
        request, RefusalError(reasons.INVALID, field_errors=[_flaw(one) for one in found])
    )


def _flaw(found: dict[str, Any]) -> FieldError:
    """One finding of pydantic, named as the caller named it; what was sent is not repeated."""
    where, *names = found["loc"]
    named = [str(name) for name in names if found["type"] != "json_invalid"]
    return FieldError(".".join(named) or str(where), faults.fault_text(found))


async def _framework(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses by itself: no such address, no such method, no body to read."""
    if not isinstance(error, HTTPException):
        raise error
    sort = _BY_STATUS.get(error.status_code, reasons.UNREADABLE)
    headers = {"allow": _methods(request)} if sort is reasons.METHOD else {}
    return _answer(request, RefusalError(sort, headers=headers))


def _methods(request: Request) -> str:
    """All methods of an address; the framework names those of its first route only."""
    route = getattr(request.scope.get("route"), "path", "")
    return ", ".join(sorted(request.app.openapi()["paths"].get(route, {"get": {}}))).upper()


async def _store_away(request: Request, _: Exception) -> JSONResponse:
    return _answer(request, RefusalError(reasons.STORE_AWAY, headers={"retry-after": "2"}))


async def _bug(request: Request, _: Exception) -> JSONResponse:
    return _answer(request, RefusalError(reasons.BUG))
