"""An archive on S3-compatible storage. An object is written whole, so it is there or it is not.

Files are read from copies on this machine, for they never change, and DuckDB has neither network
nor credentials. The copies are named by their checksum; the least used go when there are too many.

There is no lock on S3. Who writes keeps the object `lock` fresh; who finds one that nobody has
changed for a while takes it over. Before each manifest the writer looks whether it is still the
one. The credentials are those of the AWS tools: environment variables or files.
"""

import hashlib
import json
import os
import tempfile
import threading
import uuid
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyarrow import fs

from services.common.process import clock
from services.history.address import S3Address
from services.history.manifest import ArchiveError, ArchiveFile
from services.history.storage import LOCK, UNFINISHED, ArchiveStorage, sha256_of

LEASE_S = 30.0
"""A writer that was silent for so long is taken for dead."""
TAKEN_S = 1.0
"""Two that take over at the same moment see after this who was the last."""
RECENT_DAYS = 2
OLD_FRESH_S = 60.0
"""The manifest of an older day is asked for at most so often."""
PIECE = 1024 * 1024


class S3Storage(ArchiveStorage):
    """A prefix of a bucket."""

    def __init__(self, address: S3Address, environment: str) -> None:
        self._root = "/".join(filter(None, (address.bucket, address.prefix, environment)))
        super().__init__(f"s3://{self._root}")
        self._fs = _connected(address)
        self._cache = _FileCache(address.cache_mb * 1_000_000)
        self._token = ""
        self._beats = 0
        self._seen: tuple[bytes, float] | None = None
        self._stop = threading.Event()
        self._keeper = threading.Thread()
        self._versions: dict[str, tuple[float, Hashable]] = {}
        self._recent: set[str] = set()

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def exists(self) -> bool:
        """Whether there is any object."""
        return bool(self.folders())

    def folders(self) -> list[str]:
        """One question for each thousand."""
        found = self._listed(self._root)
        names = sorted(one.base_name for one in found if one.type == fs.FileType.Directory)
        self._recent = set(names[-RECENT_DAYS:])
        return names

    def _listed(self, path: str) -> list[fs.FileInfo]:
        return list(self._fs.get_file_info(fs.FileSelector(path, allow_not_found=True)))

    def names(self, day: str) -> list[str]:
        """One question for each thousand."""
        found = self._listed(self._path(day))
        return sorted(one.base_name for one in found if one.type == fs.FileType.File)

    def read(self, name: str) -> bytes:
        """In one request."""
        with self._fs.open_input_stream(self._path(name)) as file:
            return bytes(file.read())

    def version(self, name: str) -> Hashable:
        """Its ETag; for an older day perhaps that of a minute ago."""
        fresh_s = 0.0 if name.partition("/")[0] in self._recent else OLD_FRESH_S
        known = self._versions.get(name)
        if known and clock.monotonic() - known[0] < fresh_s:
            return known[1]
        # Times are whole seconds here, and two manifests may be of one second: their ETags differ.
        with self._fs.open_input_file(self._path(name)) as file:
            told = {key.lower(): value for key, value in file.metadata().items()}
        version: Hashable = told.get(b"etag") or hashlib.sha256(self.read(name)).digest()
        self._versions[name] = (clock.monotonic(), version)
        return version

    def local(self, day: str, entry: ArchiveFile) -> Path:
        """A copy, fetched once and checked."""
        path = self._cache.path(entry)
        if path.is_file() and path.stat().st_size == entry.size:
            os.utime(path)
            return path
        name = self._path(f"{day}/{entry.name}")
        unfinished = self._cache.unfinished(entry.name)
        try:
            self._download(name, unfinished)
            if sha256_of(unfinished) != entry.sha256:
                raise ArchiveError(f"s3://{name} is damaged: its checksum is another than written")
            self._cache.take(unfinished, path, entry.size)
        except FileNotFoundError:
            raise ArchiveError(f"s3://{name} is missing") from None
        except OSError as error:
            raise ArchiveError(f"s3://{name} cannot be read: {error}") from error
        finally:
            unfinished.unlink(missing_ok=True)
        return path

    def _download(self, name: str, path: Path) -> None:
        with self._fs.open_input_stream(name) as source, path.open("wb") as target:
            while piece := source.read(PIECE):
                target.write(piece)

    def digest(self, name: str) -> tuple[int, str]:
        """Read from the server, not from a copy."""
        size, found = 0, hashlib.sha256()
        with self._fs.open_input_stream(self._path(name)) as source:
            while piece := source.read(PIECE):
                size += len(piece)
                found.update(piece)
        return size, found.hexdigest()

    def unfinished(self, name: str) -> Path:
        """A new name."""
        return self._cache.unfinished(name.rpartition("/")[2])

    def publish(self, unfinished: Path, name: str, sha256: str) -> None:
        """Upload it; it stays as a copy."""
        # What is cut short by an error is named by no manifest, and swept away.
        path = self._path(name)
        with unfinished.open("rb") as source, self._fs.open_output_stream(path) as target:
            while piece := source.read(PIECE):
                target.write(piece)
        size = unfinished.stat().st_size
        plain = name.rpartition("/")[2]
        self._cache.take(unfinished, self._cache.place_of(sha256, plain), size)

    def replace(self, name: str, content: bytes) -> None:
        """One object in the place of another, if this is still the writer."""
        self._confirm()
        self._put(name, content)
        self._versions.pop(name, None)

    def _put(self, name: str, content: bytes) -> None:
        with self._fs.open_output_stream(self._path(name)) as file:
            file.write(content)

    def delete(self, name: str) -> None:
        """Delete the object."""
        with suppress(FileNotFoundError):
            self._fs.delete_file(self._path(name))

    def move_folder(self, day: str, name: str) -> None:
        """Copy each object, then delete the old ones."""
        self._confirm()
        for file in self.names(day):
            self._fs.copy_file(self._path(f"{day}/{file}"), self._path(f"{name}/{file}"))
        self._fs.delete_dir(self._path(day))
        self._versions.clear()

    @property
    def query_bytes(self) -> int:
        """Half of what may lie here, for two may ask at once."""
        return self._cache.limit // 2

    def hold(self) -> None:
        """Take the object `lock`, once it is silent."""
        if self._token:
            self._confirm()
            return
        found = self._lock()
        if found is not None and not self.inherits(found):
            if self._seen is None or self._seen[0] != found:
                self._seen = (found, clock.monotonic())
            left_s = self._seen[1] + LEASE_S - clock.monotonic()
            if left_s > 0:
                raise ArchiveError(
                    f"another historian writes into {self.place}; if it is silent,"
                    f" this one takes over in {left_s:.0f} s"
                )
        self._token, self._stop = self.life or uuid.uuid4().hex, threading.Event()
        self._beat()
        self._stop.wait(TAKEN_S)
        self._confirm()
        self._keeper = threading.Thread(target=self._keep_fresh, args=(self._stop,), daemon=True)
        self._keeper.start()

    def release(self) -> None:
        """Delete the object `lock`, once no beat is under way that would put it back."""
        self._stop.set()
        if self._keeper.is_alive():
            self._keeper.join(LEASE_S / 3)
        if self._token:
            with suppress(ArchiveError, OSError):
                self._confirm()
                self.delete(LOCK)
        self._token, self._seen = "", None

    def _lock(self) -> bytes | None:
        try:
            return self.read(LOCK)
        except FileNotFoundError:
            return None

    def _beat(self) -> None:
        self._beats += 1
        told = {"writer": self._token, "host": os.uname().nodename, "beat": self._beats}
        self._put(LOCK, json.dumps(told).encode())

    def _confirm(self) -> None:
        """ArchiveError unless this is still the one that writes."""
        found = self._lock()
        if not self._token or found is None or self._token.encode() not in found:
            self._stop.set()
            self._token, self._seen = "", None
            raise ArchiveError(f"another historian writes into {self.place}; end one")

    def _keep_fresh(self, stop: threading.Event) -> None:
        while not stop.wait(LEASE_S / 3):
            try:
                self._confirm()
                self._beat()
            except ArchiveError:
                return
            except OSError:
                continue  # the server is away: what writes meets that by itself


class _FileCache:
    """Copies of archived files in a folder that nobody else may enter."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._root = Path(tempfile.gettempdir()) / f"omf-history-{os.getuid()}"
        self._turn = threading.Lock()

    def _folder(self) -> Path:
        self._root.mkdir(mode=0o700, exist_ok=True)
        stat = self._root.lstat()
        if stat.st_uid != os.getuid() or stat.st_mode & 0o077:
            raise ArchiveError(f"{self._root} can be changed by others; delete it")
        return self._root

    def unfinished(self, name: str) -> Path:
        """A new name."""
        return self._folder() / f"{uuid.uuid4().hex}-{name}{UNFINISHED}"

    def path(self, entry: ArchiveFile) -> Path:
        """Where the copy of a file is."""
        return self.place_of(entry.sha256, entry.name)

    def place_of(self, sha256: str, name: str) -> Path:
        """Its name stays: a file is recognised by it."""
        return self._folder() / sha256 / name

    def take(self, unfinished: Path, path: Path, size: int) -> None:
        """Make a finished file one of the copies, and let the least used ones go."""
        with self._turn:
            self._make_room(size)
            path.parent.mkdir(exist_ok=True)
            unfinished.replace(path)

    def _make_room(self, size: int) -> None:
        found = []
        for path in self._folder().glob("*/*.parquet"):
            with suppress(FileNotFoundError):
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
        total = size + sum(one[1] for one in found)
        for _, freed, path in sorted(found):
            if total <= self.limit:
                return
            path.unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()
            total -= freed


def _connected(address: S3Address) -> Any:
    endpoint = urlsplit(address.endpoint)
    told = {
        "endpoint_override": endpoint.netloc + endpoint.path.rstrip("/"),
        "scheme": endpoint.scheme,
        "region": address.region or ("us-east-1" if address.endpoint else ""),
        "tls_ca_file_path": address.ca_file,
    }
    return fs.S3FileSystem(
        connect_timeout=5,
        request_timeout=20,
        background_writes=False,
        **{name: value for name, value in told.items() if value},
    )
