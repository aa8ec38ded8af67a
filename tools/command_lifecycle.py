"""The life of a command as a drawing and a table, made of what orders itself goes by.

`python -m tools.command_lifecycle > docs/commands-lifecycle.md`
"""

import sys
from collections.abc import Iterator

from services.common.store.keys import FINAL_STAGES, Stage
from services.orders.stages import Passage

HEAD = """\
# The life of a command

Made by `python -m tools.command_lifecycle > docs/commands-lifecycle.md` of the table in
`services/orders/stages.py`; a test holds it. Every stage is an entry of the stream `events`, and a
bracket passes `accepted` or `queued`, `published` and `acknowledged` once for each of its steps.
The functions that decide on a passage are in `services/orders/transitions.py`; the files a command
comes by are listed at the top of `services/orders/service.py`.
"""


def render() -> str:
    """The document as Markdown, the drawing as Mermaid."""
    return "\n".join((HEAD, "```mermaid", *_drawing(), "```", "", *_table())) + "\n"


def _drawing() -> Iterator[str]:
    yield "stateDiagram-v2"
    arrows = ((before, row.after) for row in Passage for before in row.before)
    for before, after in dict.fromkeys(arrows):
        yield f"    {before.value if before else '[*]'} --> {after.value}"
    yield from (f"    {stage.value} --> [*]" for stage in Stage if stage in FINAL_STAGES)


def _table() -> Iterator[str]:
    yield "| what happens | in stage | leads to |"
    yield "|---|---|---|"
    for row in Passage:
        before = ", ".join(stage.value if stage else "(new)" for stage in row.before)
        yield f"| {row.text} | {before} | {row.after.value} |"


if __name__ == "__main__":
    sys.stdout.buffer.write(render().encode())
