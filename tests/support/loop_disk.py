"""A disk that can lose its power: an ext4 file system on a loop device, its image a file.

What the page cache has not written to the device when the power goes is lost, as on a real machine:
ext4 is shut down without flushing its journal (the ioctl that file system tests use), the image is
copied, and the machine boots from the copy: journal replay, check, mount. What it does not prove:
the device has no write cache of its own, so a drive that lies about its flushes is not tried here.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = (2).to_bytes(4, "little")
PREFIX = "omf-loop-disk-"
MENDED = 1
"""`e2fsck`: whatever was wrong is mended; 0: nothing was."""


class LoopDisk:
    """Mounted at `path` while its `powered` is open; needs root."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.path = folder / "mounted"
        self._folder, self._image = folder, folder / "disk-0.img"
        self._boots = 0
        self.checks: list[int] = []
        """What the file system check said at each boot."""
        self.path.mkdir(parents=True)
        with self._image.open("wb") as image:
            image.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", str(self._image))
        self._mount()

    def settle(self) -> None:
        """Write what it holds so far: the machine has been running for a while."""
        _run("sync", "--file-system", str(self.path))

    def cut(self) -> None:
        """The power goes; the processes on it still have to be killed."""
        number = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(number, EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH)
        finally:
            os.close(number)

    def boot(self) -> None:
        """The power is back: mount a copy of what lay on the device at the cut."""
        self._boots += 1
        copy = self._folder / f"disk-{self._boots}.img"
        _run("cp", "--sparse=always", str(self._image), str(copy))
        _run("umount", str(self.path))
        self._image.unlink()
        self._image = copy
        checked = subprocess.run(
            ["e2fsck", "-p", str(copy)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode <= MENDED, checked.stdout + checked.stderr
        self.checks.append(checked.returncode)
        self._mount()

    def remove(self) -> None:
        """Nothing of it is left, whatever state it is in."""
        _release(self._folder)

    def _mount(self) -> None:
        _run("mount", "-o", "loop", str(self._image), str(self.path))


@contextlib.contextmanager
def powered(megabytes: int = 512) -> Iterator[LoopDisk]:
    """A fresh disk; gone with the context, and what a killed run left is gone before."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        disk = LoopDisk(folder, megabytes)
        yield disk
    finally:
        _release(folder)


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            _release(folder)


def _release(folder: Path) -> None:
    mounted = folder / "mounted"
    if mounted.is_mount():
        # Lazily, if a process still holds a file there; its loop device goes with the last one.
        subprocess.run(["umount", "--lazy", str(mounted)], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.strip()} (needs root)"
