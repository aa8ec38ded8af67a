"""Everything a person reads, by key: one catalogue per language, `de.po`, `en.po`, `fr.po`.

Code carries keys: `text("alarm.device-silent", device="HBW", limit=40)` is a `Text`, and
`text(...).in_("fr")` says it in French. The catalogues are gettext files, read by Babel; `{name}`
is filled in, and where a catalogue has plural forms, `{count}` chooses among them. A catalogue is
read when its first text is asked for. A further language is one further file and its name in
`Language`.
"""

from omf.texts.catalogue import LANGUAGES, Language, has, keys, render
from omf.texts.text import Saying, Text, figure, first, joined, of_fields, stored, text, verbatim

__all__ = [
    "LANGUAGES",
    "Language",
    "Saying",
    "Text",
    "figure",
    "first",
    "has",
    "joined",
    "keys",
    "of_fields",
    "render",
    "stored",
    "text",
    "verbatim",
]
