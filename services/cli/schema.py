"""`omf schema`: what a session says that no model describes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from omf.messages.drift import report
from omf.messages.message import Message
from services.cli.options import JsonOption
from services.cli.output import EXIT_FAILED, data, fail, say, table, usage
from services.common.sessions.files import Damaged, SessionError, read


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A session, .jsonl or .jsonl.gz.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare a recorded session with the models: new topics, new fields, misfits.

    Exit 1 when there is any: the factory changed, or a model is wrong.
    """
    if not file.is_file():
        usage(f"{file} is not there.")
    try:
        found = report(_messages(file))
    except SessionError as error:
        fail(str(error))
    if as_json:
        data(found.model_dump(mode="json"))
    else:
        groups = (("field", found.fields), ("topic", found.topics), ("misfit", found.rejected))
        rows = [(what, f.count, f.topic, f.what) for what, group in groups for f in group]
        if rows:
            table(("what", "count", "topic", "detail"), rows)
        say(f"{found.messages} messages, {len(rows)} findings")
    if not found.clean:
        raise typer.Exit(EXIT_FAILED)


def _messages(file: Path) -> Iterator[Message]:
    for item in read(file):
        if isinstance(item, Damaged):
            say(f"line {item.line} is damaged and was left out: {item.why}")
        else:
            yield Message(item.topic, item.payload, qos=item.qos, retain=item.retain)
