"""What a sign-in on its way leaves in the browser, sealed so that nobody else can write it."""

import base64
import hashlib
import hmac
from typing import TypeVar

from services.common.store.keys import StreamModel

M = TypeVar("M", bound=StreamModel)


class CookieSeal:
    """Seals values of one purpose; those of another one do not fit."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.new(secret, purpose.encode(), hashlib.sha256).digest()

    def sealed(self, model: StreamModel) -> str:
        """The value of a cookie."""
        told = base64.urlsafe_b64encode(model.model_dump_json().encode()).decode()
        return f"{told}.{self._seal(told)}"

    def opened(self, cookie: str, model: type[M]) -> M | None:
        """What was sealed; None for anything else."""
        told, _, seal = cookie.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(told).encode()):
            return None
        try:
            return model.model_validate_json(base64.urlsafe_b64decode(told))
        except ValueError:
            return None

    def _seal(self, told: str) -> str:
        return hmac.new(self._key, told.encode(errors="replace"), hashlib.sha256).hexdigest()
