"""Every word a page shows, in the language of who looks; a missing key is an error."""

from omf.texts import LANGUAGES, Language
from omf.texts.translator import Translator

__all__ = ["EMOJI", "LANGUAGES", "Language", "Translator"]

EMOJI = {
    "page.overview": "📊",
    "page.steering": "🎮",
    "page.messages": "📨",
    "overview.tab.modules": "🏭",
    "broken.read.down": "❌",
    "broken.gateway.down": "❌",
    "check.way_out.unmet": "❌",
    "empty.buffer": "⚠️",
    "empty.buffer_unreadable": "❌",
    "command.send_failed": "❌",
}
"""By these names and words people know the dashboard that was here before."""
