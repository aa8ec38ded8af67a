"""What the HTTP API asks of every request, and what it answers to the refused ones."""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from services.api import reasons
from services.api.description import PREFIX
from services.api.problems import RefusalError
from services.common.auth.security_middleware import Refused, SecurityRules
from services.common.process.language import spoken

MAX_BODY_BYTES = 64 * 1024
WEBHOOK_PATH = f"{PREFIX}/alertmanager"
MAX_WEBHOOK_BYTES = 1024 * 1024
"""An Alertmanager does not send again in parts what was too large."""
API_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_SORTS = {
    Refused.FOREIGN_HOST: reasons.FOREIGN_HOST,
    Refused.TOO_LARGE: reasons.TOO_LARGE,
    Refused.TOO_SLOW: reasons.TOO_SLOW,
}


def api_rules(*, local: bool) -> SecurityRules:
    """`local`: who asks is trusted for sitting at this machine."""
    return SecurityRules(local, API_HEADERS, _refusal, _max_body_bytes)


def _max_body_bytes(scope: Scope) -> int:
    return MAX_WEBHOOK_BYTES if scope["path"] == WEBHOOK_PATH else MAX_BODY_BYTES


def _refusal(why: Refused, headers: Headers) -> Response:
    close = {} if why is Refused.FOREIGN_HOST else {"connection": "close"}
    refusal = RefusalError(_SORTS[why], headers=close)
    return refusal.answer(spoken(headers.get("accept-language", "")))
