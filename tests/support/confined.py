"""What a container is to a process, made of a mount namespace: no engine is needed, root is.

A root of its own that is read-only throughout, with the program, the secrets of the container
under /run/secrets, an empty /tmp and the folders that compose mounts as volumes; then another user
without any capability, who can gain none.
"""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.processes import ROOT

USER = re.findall(r"(?m)^USER (\d+):\d+$", (ROOT / "deploy/Dockerfile").read_text("utf-8"))[-1]
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/proc", "/dev")
"""Of these a container has its own."""
OPEN_TO_ALL = {"/proc", "/dev", "/tmp"}  # noqa: S108 - in the namespace

_SCRIPT = """
set -e
new=$1 user=$2 secrets=$3 volumes=$4 program=$5
shift 5
mount --make-rprivate /
mount -t tmpfs -o mode=755 omf "$new"
bind() { mkdir -p "$new$2"; mount --rbind "$1" "$new$2"; }
for folder in $program; do
  bind "$folder" "$folder"
  case $folder in /proc | /dev) ;; *) mount -o remount,bind,ro "$new$folder" ;; esac
done
bind "$secrets" /run/secrets
mount -o remount,bind,ro "$new/run/secrets"
for folder in $volumes; do bind "$new.volumes$folder" "$folder"; done
mkdir -p "$new/tmp"
mount -t tmpfs -o mode=1777 omf "$new/tmp"
mount -o remount,ro "$new"
exec chroot "$new" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs \
  --inh-caps=-all --bounding-set=-all --pdeathsig KILL env --chdir=/tmp "$@"
"""


def possible() -> bool:
    """True where this test may make a mount namespace."""
    return not subprocess.run(
        ["unshare", "-m", "true"], capture_output=True, check=False
    ).returncode


def container(folder: Path, secrets: Path, volumes: list[str]) -> list[str]:
    """What to put before a command, so that it runs as in its container; `folder` is new."""
    folder.mkdir()
    for volume in volumes:
        place = Path(f"{folder}.volumes{volume}")
        place.mkdir(parents=True)
        # Dockerfile: a new volume takes over the owner of what it is mounted on.
        subprocess.run(["chown", f"{USER}:{USER}", str(place)], check=True)
    program = [p for p in SYSTEM if Path(p).exists()]
    program += dict.fromkeys((sys.base_prefix, sys.prefix, str(ROOT)))
    words = (str(folder), USER, str(secrets), " ".join(volumes), " ".join(program))
    return ["unshare", "-m", "sh", "-c", _SCRIPT, "sh", *words]


def writable(pid: int) -> set[str]:
    """Where anything of its root could be written, beside what a container has of its own."""
    told = Path(f"/proc/{pid}/mountinfo").read_text("utf-8").splitlines()
    mounts = [line.split() for line in told]
    open_ = {words[4] for words in mounts if "rw" in words[5].split(",")}
    return {p for p in open_ if not any(p == o or p.startswith(f"{o}/") for o in OPEN_TO_ALL)}


def status(pid: int) -> dict[str, str]:
    """What the kernel says of a process: `Uid`, `CapEff`, `NoNewPrivs` and the rest."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)
