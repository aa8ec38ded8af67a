"""Pages whose people come from the provider of the tests."""

import time
from pathlib import Path

import pytest

from tests.support import ui_pages
from tests.support.oidc_server import SECRET, OidcServer


def oidc_opening(
    provider: OidcServer,
    directory_text: str,
    folder: Path,
    store_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, object]:
    """What pages are opened with; the text has `{issuer}` and `{secret}` to be filled in."""
    # The pages of a test stand at a time of their own; the provider at that of this machine.
    monkeypatch.setattr(ui_pages, "NOW", time.time())
    (folder / "secret").write_text(SECRET)
    directory = folder / "directory.yaml"
    directory.write_text(directory_text.format(issuer=provider.issuer, secret=folder / "secret"))
    return {"users": folder / "users.jsonl", "directory": directory, "store_url": store_url}
