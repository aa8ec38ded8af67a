"""`DIR/run.json`: where everything of one running `omf up` can be reached (DESIGN section 9)."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

RUN_FILE_NAME = "run.json"
USERS_FILE_NAME = "users.jsonl"
"""In the data folder too: who may sign in at the pages (`omf user`)."""


class NotRunningError(Exception):
    """The folder has no readable run.json; the text says how to get one."""


class RunFile(BaseModel):
    """Addresses and process ids of one running system; the whole content of run.json."""

    model_config = ConfigDict(frozen=True)

    ui: str
    redis: str
    mqtt: dict[str, str]
    """Broker by environment."""
    metrics: dict[str, str]
    """Prometheus page by part; beside it lie /health/live and /health/ready."""
    pids: dict[str, int]
    api: str = ""
    """Root of the HTTP door's addresses."""


def write(folder: Path, content: RunFile) -> None:
    """The file is there as a whole or as it was before, whenever somebody looks."""
    new = folder / f"{RUN_FILE_NAME}.new"
    new.write_text(content.model_dump_json(indent=2) + "\n", "utf-8")
    new.replace(folder / RUN_FILE_NAME)


def read(folder: Path) -> RunFile:
    """The addresses in `folder`; NotRunningError when nothing runs there."""
    path = folder / RUN_FILE_NAME
    try:
        return RunFile.model_validate_json(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotRunningError(f"{path} is not there; start `omf up --data {folder}`.") from None
    except (OSError, ValidationError) as error:
        raise NotRunningError(f"{path} cannot be read ({error}); restart `omf up`.") from error


def remove(folder: Path) -> None:
    """Nothing runs here any more."""
    (folder / RUN_FILE_NAME).unlink(missing_ok=True)
