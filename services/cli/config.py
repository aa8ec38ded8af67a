"""`omf config`: what the site says of its factory: shown, written to a file, and put back."""

import json
import uuid
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from omf.commands import kind_of
from omf.commands.site_changes import SITE_IMPORT, SITE_TAGS
from omf.site.settings import SiteContent, SiteSettings
from services.cli import menu, sign_in, submission
from services.cli.app import TYPER_OPTIONS
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, show, table, usage
from services.cli.send import WAIT_S, DryRunOption
from services.common.process import clock
from services.common.store.keys import Environment, Role
from services.common.store.site_settings import read_site, site_versions

VERSION_COLUMNS = ("version", "at", "by", "name", "modules", "tags", "links")
NO_VERSION = "another version of this software wrote the settings; that one can read them"
TAG_SUFFIXES = (".csv", ".txt")

app = typer.Typer(
    help="What the site says of its factory: name, modules, tags, links.", **TYPER_OPTIONS
)
FileArgument = Annotated[Path, typer.Argument(metavar="FILE")]


@app.command("show")
def show_settings(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print what holds now, since when and by whom.

    `omf send site-name`, `site-module`, `site-order`, `site-tags` and `site-links` change
    a part of it.
    """

    async def work() -> None:
        found = await _settings(environment, run)
        if as_json:
            data(found.model_dump(mode="json"))
            return
        content = found.content
        since = f" since {clock.iso(found.at)} by {found.by}" if found.revision else ""
        show(f"{content.name or 'no name'}: version {found.revision}{since}")
        for serial, module in content.modules.items():
            names = [f"{one}: {name}" for one, name in module.names.items()]
            about = [*names, module.icon, "" if module.enabled else "taken out"]
            show(f"module {serial}  {', '.join(part for part in about if part)}")
        for tag, entry in content.tags.items():
            show("  ".join(part for part in ("tag", tag, entry.colour, entry.words) if part))
        for link in content.links:
            show(f"link {link.name}  {link.url}")

    finish(work())


@app.command("versions")
def versions(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print the last fifty versions, the newest first; with --json each with all it holds."""

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            found = await site_versions(bus)
        if as_json:
            for one in found:
                data(one.model_dump(mode="json"))
        else:
            table(VERSION_COLUMNS, map(_version, found))

    finish(work())


@app.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Else stdout.")] = None,
    *,
    version: Annotated[int | None, typer.Option(help="An earlier one, by its number.")] = None,
    environment: EnvironmentOption = "mock",
    run: RunOption = None,
) -> None:
    """Write what holds as JSON, as `omf config import` takes it."""

    async def work() -> None:
        found = await _settings(environment, run, version)
        body = json.dumps(found.content.model_dump(mode="json"), indent=2, ensure_ascii=False)
        if file is None:
            typer.echo(body)
        else:
            file.write_text(f"{body}\n", "utf-8")

    finish(work())


@app.command("import")
def import_file(  # noqa: PLR0913 - the options of every command that is sent
    file: FileArgument,
    *,
    user: Annotated[str, typer.Option(help="Who asks; else the user of this machine.")] = "",
    role: Annotated[Role | None, typer.Option(help="Else admin; live: as `omf login`.")] = None,
    dry_run: DryRunOption = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for it.")] = WAIT_S,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Put in force what `omf config export` wrote, or the list of tags of a CSV file.

    Exit codes as `omf send`; --dry-run prints the difference and changes nothing.
    """
    kind, parameters = _read(file)
    menu.checked(kind, parameters)
    place = submission.connected(environment, run)
    believed = True if dry_run else None
    who, acts_as = sign_in.asked_by(environment, run, user, role, believed=believed)
    wanted = {
        "command_id": str(uuid.uuid4()),
        "kind": kind_of(kind).name,
        "parameters": parameters,
        "environment": environment,
        "operator": who,
        "role": acts_as,
        "source": sign_in.source(),
        "note": file.name,
    }
    do = submission.preview if dry_run else partial(submission.send, wait_s=wait)
    finish(do(place, wanted, as_json=as_json))


async def _settings(
    environment: Environment, run: Path | None, version: int | None = None
) -> SiteSettings:
    async with connect(environment, run).bus() as bus:
        if version is None:
            return await read_site(bus) or fail(NO_VERSION)
        found = {one.revision: one for one in await site_versions(bus)}
    if version not in found:
        usage(f"there is no version {version}; `omf config versions` lists them")
    return found[version]


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    """The kind of command that takes the file, and its parameters."""
    try:
        source = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        usage(f"{file} is no text in UTF-8; save it so")
    except OSError as error:
        usage(f"{file}: {error.strerror}")
    if file.suffix.lower() in TAG_SUFFIXES:
        return SITE_TAGS, {"tags": source}
    return SITE_IMPORT, {"document": source}


def _version(one: SiteSettings) -> tuple[object, ...]:
    content: SiteContent = one.content
    counts = (len(content.modules), len(content.tags), len(content.links))
    return (one.revision, clock.iso(one.at), one.by, content.name, *counts)
