"""What the user interface is told from outside."""

from pydantic import Field

from services.common.loopback import is_loopback
from services.common.settings import Environments, ServiceSettings


class UiSettings(ServiceSettings):
    """`OMF_UI_HOST`, `OMF_UI_PORT` and `OMF_ENVIRONMENTS`, the comma list of what can be looked at.

    There is no storage secret: preferences are plain cookies and nothing is kept per visitor, so
    a visitor without an account leaves neither a session nor a file behind.
    """

    environments: Environments = ("mock",)
    ui_host: str = "127.0.0.1"
    ui_port: int = Field(default=8080, ge=1, le=65535)

    @property
    def local(self) -> bool:
        """True when only this machine can reach the pages."""
        return is_loopback(self.ui_host)
