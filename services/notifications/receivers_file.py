"""The files of receivers, addresses and calendars: read anew when one changes and is right."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from omf.notifications.receivers import Duty, ReceiversFile
from omf.texts import Text, joined, text, verbatim
from omf.yaml_files import YamlFault, YamlFileError, line_of, read_yaml
from services.common.store import environments
from services.notifications.apprise_sender import targets
from services.notifications.rota import Rota

MAX_FILE_BYTES = 1_000_000

_log = logging.getLogger(__name__)


class ReceiversFileError(Exception):
    """The files cannot be used; `text` says which, where and how to mend it."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.text = said


@dataclass(frozen=True)
class LoadedReceivers:
    """What the files said when they were last right."""

    file: ReceiversFile
    urls: Mapping[str, str] = field(repr=False)
    """Apprise URLs by name: secret, never for a log."""
    rotas: Mapping[str, Rota] = field(repr=False)

    def duty(self, now: float) -> Duty:
        """Who is on duty by each calendar."""
        return {name: rota.at(now) for name, rota in self.rotas.items()}


class ReceiversLoader:
    """Called by one thread at a time; what was right last stays until something right follows."""

    def __init__(self, path: Path, urls: Path | None) -> None:
        self._path = path
        self._urls = urls
        self._seen: object = None
        self.current: LoadedReceivers | None = None
        self.fault: Text | None = None

    def step(self) -> None:
        """Read the files if one of them is another than before."""
        seen = [(str(path), _stamp(path)) for path in self._paths()]
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self.current, self.fault = load(self._path, self._urls), None
            # What the new file names is watched from now on.
            self._seen = [(str(path), _stamp(path)) for path in self._paths()]
            _log.info("receivers: %d", len(self.current.file.receivers))
        except ReceiversFileError as error:
            self.fault = error.text
            _log.error("the receivers as they were stay in force: %s", error)

    def _paths(self) -> Iterator[Path]:
        yield self._path
        if self._urls:
            yield self._urls
        for name in self.current.file.calendars.values() if self.current else ():
            yield self._path.parent / name


def load(path: Path, urls_path: Path | None) -> LoadedReceivers:
    """The files as they are; ReceiversFileError if one of them cannot be used."""
    try:
        file = _read_file(_read(path).decode())
    except YamlFileError as error:
        raise _wrong(path, error.text) from None
    except UnicodeDecodeError:
        raise _wrong(path, text("receivers.no_text")) from None
    urls = _addresses(urls_path) if urls_path else {}
    _check_urls(file, urls, urls_path)
    return LoadedReceivers(file, urls, dict(_rotas(path.parent, file)))


def _read_file(source: str) -> ReceiversFile:
    """The file as this site reads it: of the real factories where a receiver names none."""
    file, known = read_yaml(source, ReceiversFile), environments.names()
    odd = [
        ("receivers", number, "environments", index)
        for number, one in enumerate(file.receivers)
        for index, name in enumerate(one.environments)
        if "environments" in one.model_fields_set and name not in known
    ]
    if odd:
        said = text("invalid.choice", expected=", ".join(known))
        where = ((line_of(source, place), ".".join(map(str, place))) for place in odd)
        raise YamlFileError([YamlFault(line, name, said) for line, name in where])
    live = {"environments": tuple(filter(environments.is_live, known))}
    receivers = tuple(
        one if "environments" in one.model_fields_set else one.model_copy(update=live)
        for one in file.receivers
    )
    return file.model_copy(update={"receivers": receivers})


def _addresses(path: Path) -> dict[str, str]:
    """Name and URL of each line; what is wrong is named without what stands there."""
    found = dict[str, str]()
    for number, line in enumerate(_read(path).decode(errors="replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, url = line.strip().partition(" ")
        if "://" not in url or "://" in name:
            raise _wrong(path, _at(number, text("receivers.address_line")))
        if name in found:
            raise _wrong(path, _at(number, text("receivers.twice", name=name)))
        if (reached := targets(url.strip())) != 1:
            why = "several_targets" if reached else "no_provider"
            raise _wrong(path, _at(number, text(f"receivers.{why}", name=name)))
        found[name] = url.strip()
    return found


def _check_urls(file: ReceiversFile, urls: Mapping[str, str], path: Path | None) -> None:
    wanted = [(r.name, a.url) for r in file.receivers for a in r.addresses if a.url]
    for receiver, name in wanted:
        if path is None:
            words = {"receiver": receiver, "setting": "OMF_NOTIFICATIONS_URLS"}
            raise ReceiversFileError(text("receivers.no_urls_file", **words))
        if name not in urls:
            raise _wrong(path, text("receivers.no_url", receiver=receiver, name=name))


def _rotas(folder: Path, file: ReceiversFile) -> Iterable[tuple[str, Rota]]:
    for name, where in file.calendars.items():
        path = folder / where
        source = _read(path)
        try:
            yield name, Rota(source, file.timezone)
        except Exception as error:  # noqa: BLE001 - whatever the reader of a foreign file raises
            what = verbatim(str(error)[:200])
            raise _wrong(path, text("receivers.bad_calendar", name=name, what=what)) from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            source = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _wrong(path, text("receivers.unreadable", why=error.strerror or "?")) from None
    if len(source) > MAX_FILE_BYTES:
        raise _wrong(path, text("receivers.too_large"))
    return source


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _at(line: int, what: Text) -> Text:
    return text("yaml_file.line", line=line, what=what)


def _wrong(path: Path, what: Text) -> ReceiversFileError:
    return ReceiversFileError(joined(": ", [verbatim(str(path)), what]))
