"""Where the archives lie by setting: where OMF_HISTORY says, or in the folder of the data."""

from functools import lru_cache
from pathlib import Path

from services.history.address import S3Address
from services.history.local import LocalStorage
from services.history.storage import ArchiveStorage


def storage_of(environment: str, data: Path, address: str = "") -> ArchiveStorage:
    """The archive of an environment, which need not be there yet; ValueError for a bad address."""
    if address:
        return _on_s3(address, environment)
    return LocalStorage(data / "history" / environment)


@lru_cache(maxsize=8)
def _on_s3(address: str, environment: str) -> ArchiveStorage:
    # One for the whole process: what it learned of manifests is not asked for again.
    from services.history.s3 import S3Storage  # noqa: PLC0415 - takes long to import

    return S3Storage(S3Address.parse(address), environment)
