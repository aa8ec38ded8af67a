"""What makes the dashboard an app on a phone or tablet: its name, icons and where it begins.

The service worker beside it (offline_page) keeps no page and no figure: an app whose server is away
says so and waits, and never shows a factory as it was.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse

from services.ui.auth import current_user
from services.ui.auth.request_rules import MANIFEST
from services.ui.shell.bottom_bar import NEAR_PAGES
from services.ui.translator import Translator

COLOUR = "#2f5a66"
ICON_SIZES = (192, 512)


def head_tags() -> str:
    """What tells the browser of every page of it."""
    # With the cookies, for the language is in one.
    manifest = f'<link rel="manifest" href="{MANIFEST}" crossorigin="use-credentials">'
    icon = '<link rel="apple-touch-icon" href="/static/icon-192.png">'
    colour = f'<meta name="theme-color" content="{COLOUR}">'
    return manifest + icon + colour


def manifest_of(environment: str) -> Callable[[Request], JSONResponse]:
    """Serves the manifest; the shortcuts of the app lead to pages of `environment`."""

    def manifest(request: Request) -> JSONResponse:
        say = Translator(current_user.language_of(request))
        shortcuts = [
            {"name": say(f"shell.near.{page}"), "url": f"/{environment}/{page}"}
            for page in NEAR_PAGES
        ]
        icons = [
            {"src": f"/static/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
            for size in ICON_SIZES
        ]
        whole = {
            "name": say("app.name"),
            "short_name": "OMF",
            "lang": say.language,
            "start_url": "/",
            "scope": "/",
            "id": "/",
            "display": "standalone",
            "background_color": COLOUR,
            "theme_color": COLOUR,
            "icons": icons,
            "shortcuts": shortcuts,
        }
        return JSONResponse(
            whole, 200, {"cache-control": "no-cache"}, media_type="application/manifest+json"
        )

    return manifest
