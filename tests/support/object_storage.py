"""An S3 server for tests, from a package, on a free port of this machine."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyarrow import fs

from services.supervisor.child import Child
from services.supervisor.ports import free_port
from services.supervisor.probe import http_status
from tests.support.processes import HTTP_OK, Processes, wait_for

ACCESS_KEY, SECRET_KEY = "test-access-key", "not-to-be-seen-in-any-log"
BUCKET = "omf-test"


class ObjectStorage:
    """Where the bucket is; `process` is the server."""

    def __init__(self, process: Child, port: int) -> None:
        self.process = process
        self._endpoint = f"127.0.0.1:{port}"
        self.address = f"s3://{BUCKET}/archives?endpoint=http://{self._endpoint}"

    def client(self, **options: bool) -> fs.S3FileSystem:
        """To look into the bucket past the code under test."""
        return fs.S3FileSystem(
            endpoint_override=self._endpoint, scheme="http", region="us-east-1", **options
        )


@contextmanager
def object_storage(folder: Path, environ: pytest.MonkeyPatch) -> Iterator[ObjectStorage]:
    """A server with an empty bucket; keys to it are in this environment."""
    environ.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    environ.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    environ.setenv("AWS_EC2_METADATA_DISABLED", "true")
    environ.setenv("TMPDIR", str(folder))
    environ.setattr(tempfile, "tempdir", str(folder))
    processes, port = Processes(folder / "logs"), free_port()
    try:
        process = processes.run(
            sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)
        )
        wait_for(lambda: http_status(f"http://127.0.0.1:{port}/") == HTTP_OK, 60, process.tail)
        found = ObjectStorage(process, port)
        found.client(allow_bucket_creation=True).create_dir(BUCKET)
        yield found
    finally:
        processes.close()
