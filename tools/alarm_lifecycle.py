"""The life of an alarm as a drawing and a table, made of what its owner goes by.

`python -m tools.alarm_lifecycle > docs/alarms-lifecycle.md`
"""

import sys
from collections.abc import Iterator

from omf.alarms.lifecycle import HIDDEN, LATCHING, PASSAGE_TEXTS, PASSAGES, AlarmPassage, AlarmState

_HIDDEN = " or ".join(f"`{one}`" for one in HIDDEN if one is not AlarmState.SUPPRESSED)
_LATCHING = ", ".join(f"`{rule}`" for rule in sorted(LATCHING))
HEAD = f"""\
# The life of an alarm

Made by `python -m tools.alarm_lifecycle > docs/alarms-lifecycle.md` of the table in
`omf/alarms/lifecycle.py`; a test holds it. States and words are those of ISA-18.2 (IEC 62682).

* What a person hid ({_HIDDEN}) has a reason, a name and a
  forced end: then an alarm whose cause still stands is announced anew.
* An alarm latches where a person shall have looked before it is forgotten: {_LATCHING}.
* An act that comes when it is not possible any more changes nothing; it is kept with the reason.
"""


def render() -> str:
    """The document as Markdown, the drawing as Mermaid."""
    return "\n".join((HEAD, "```mermaid", *_drawing(), "```", "", *_table())) + "\n"


def _drawing() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield "    [*] --> normal"
    for row in PASSAGES:
        for before in row.before if row.after else ():
            yield f"    {before} --> {row.after}: {row.event.replace('_', ' ')}{_only(row)}"


def _table() -> Iterator[str]:
    yield "| event | what happens | in state | only | leads to |"
    yield "|---|---|---|---|---|"
    for row in PASSAGES:
        before, after = ", ".join(row.before), row.after or "(the same)"
        said, only = PASSAGE_TEXTS[row.event], _only(row).strip(" ()")
        yield f"| {row.event} | {said} | {before} | {only} | {after} |"


def _only(row: AlarmPassage) -> str:
    """Under which condition the row holds."""
    stands = {None: "", True: "cause stands", False: "cause gone"}[row.stands]
    latching = {None: "", True: "latching", False: "not latching"}[row.latching]
    said = ", ".join(filter(None, (stands, latching)))
    return f" ({said})" if said else ""


if __name__ == "__main__":
    sys.stdout.buffer.write(render().encode())
