"""Where the archives lie by setting: where OMF_HISTORY says, or in the folder of the data."""

from functools import lru_cache
from pathlib import Path

from services.common.process.settings import ServiceSettings
from services.history.address import HistoryAddress, S3Address, is_folder
from services.history.local import LocalStorage
from services.history.storage import ArchiveStorage


class ArchiveSettings(ServiceSettings):
    """What a process needs to find the archives, to write into one or to read them."""

    data: Path = Path("data")
    """The archives are the folder `history` in here (docs/history.md)."""
    history: HistoryAddress = ""
    """Where they are instead."""

    def archive_of(self, environment: str) -> ArchiveStorage:
        """Where the archive of an environment lies."""
        return storage_of(environment, self.data, self.history)


def storage_of(environment: str, data: Path, address: str = "") -> ArchiveStorage:
    """The archive of an environment, which need not be there yet; ValueError for a bad address."""
    if is_folder(address):
        return LocalStorage(Path(address) / environment)
    if address:
        return _on_s3(address, environment)
    return LocalStorage(data / "history" / environment)


@lru_cache(maxsize=8)
def _on_s3(address: str, environment: str) -> ArchiveStorage:
    # One for the whole process: what it learned of manifests is not asked for again.
    from services.history.s3 import S3Storage  # noqa: PLC0415 - takes long to import

    return S3Storage(S3Address.parse(address), environment)
