"""`python -m deploy.accounts`: draws every secret of a factory server into one folder.

What is there stays as it is, so a second call only adds what is missing. With `--containers` each
container of a compose file is handed its own. `acl` prints the broker's
file of rights instead, as it stands in deploy/mosquitto/acl; `bridge` what a bridge lets out.
"""

import argparse
import os
import sys
from pathlib import Path

from deploy.accounts import broker, containers, hashes, store
from deploy.accounts.authority import Authority, AuthorityError
from omf.factories import FactoryKind
from services.common.auth.api_tokens import minted
from services.common.process.server_address import weakness
from services.common.store.environments import FactoriesError, is_live, kind_of, names
from services.common.store.keys import Role

BROKER_ACCOUNTS = {
    FactoryKind.MOCK: ("ingest", "gateway", "mock", "monitor"),
    FactoryKind.REPLAY: ("ingest", "gateway", "station", "monitor"),
    FactoryKind.LIVE: ("ingest", "gateway", "monitor"),
}
"""Accounts of each broker of our own; of a live factory that is the bridge before its broker."""
SINGLE = ("grafana-admin", "ui-cookies")
TOKENS = "api-tokens.jsonl"
NO_TOKENS = """\
# Who may use the HTTP door, one client a line; `omf token NAME ROLE` makes a token and its line.
# {"name": "mes", "role": "operator", "sha256": "<64 hex digits>", "environments": ["live"]}
"""
URLS = "notification-urls"
NO_URLS = """\
# Where people are told of alarms (docs/notifications.md): a name, a blank, an Apprise address.
# anna-mail mailtos://user:password@mail.example.org?to=anna@example.org
"""
ALERTS_TOKEN, ALERTS_CLIENT = "alertmanager-token", "alertmanager-of-this-server"
PUSH_KEY = "web-push.pem"
"""Signs what browsers are told; drawn anew, every browser has to subscribe again."""
FACTORY_PASSWORD = "factory-mqtt"  # noqa: S105 - a file name
"""The password of the factory's own broker: nobody but its owner can write it down."""
BY_HAND = 0o644
"""Of the files that people write themselves."""


def factory_password(name: str) -> str:
    """The file with the password of a live factory's broker; that of `live` has the bare name."""
    return FACTORY_PASSWORD if name == FactoryKind.LIVE else f"{FACTORY_PASSWORD}-{name}"


def _own_hosts() -> tuple[str, ...]:
    """Under which names the servers of ours are reached."""
    return ("localhost", "127.0.0.1", *(f"broker-{name}" for name in names()), "ui", "api")


class WeakSecretError(Exception):
    """A secret that somebody else wrote protects nothing; the text names its file."""


class Folder:
    """The folder of secrets: only its owner can enter it.

    The files in it can be read by all: each container has another user and is given its own only.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)

    def write(self, name: str, text: str, mode: int = 0o444) -> None:
        """Write a file anew and in place: a container that was given it sees the new text."""
        path = self._path / name
        if path.exists():
            path.chmod(0o644)
        path.write_text(text, "utf-8")
        path.chmod(mode)

    def secret(self, name: str) -> str:
        """The secret of that name, drawn now unless it is there; WeakSecretError if it is weak."""
        path = self._path / name
        if not path.exists():
            self.write(name, hashes.drawn() + "\n")
        found = path.read_text("utf-8").strip()
        if flaw := weakness(found):
            raise WeakSecretError(f"the secret in {path} {flaw}; delete the file, then draw again")
        return found

    def has(self, name: str) -> bool:
        """True if there is such a file."""
        return (self._path / name).exists()


def draw(path: Path, *, hosts: tuple[str, ...] = (), devices: tuple[str, ...] = ()) -> None:
    """Every file that docker-compose.yml and deploy/systemd name; AuthorityError without openssl.

    `hosts` are further names of this server, `devices` the serials that log in themselves.
    """
    folder = Folder(path)
    digests = {name: hashes.of_store(folder.secret(f"store-{name}")) for name in store.accounts()}
    folder.write("store-users.acl", store.file(digests))
    for environment in names():
        every = (*BROKER_ACCOUNTS[kind_of(environment)], *devices)
        kept = {name: folder.secret(f"mqtt-{environment}-{name}") for name in every}
        lines = (f"{name}:{hashes.of_broker(password)}\n" for name, password in kept.items())
        folder.write(f"mqtt-{environment}.passwords", "".join(lines))
    folder.write("mqtt.acl", broker.acl(devices))
    for name in SINGLE:
        folder.secret(name)
    passwords = ((factory_password(name), "") for name in filter(is_live, names()))
    for name, text in (*passwords, (TOKENS, NO_TOKENS), (URLS, NO_URLS)):
        if not folder.has(name):
            folder.write(name, text, BY_HAND)
        (path / name).chmod(BY_HAND)
    _draw_token(folder, path / TOKENS)
    _draw_keys(folder, path, hosts)


def _draw_token(folder: Folder, tokens: Path) -> None:
    """The token with which the Alertmanager beside the pages hands over its alerts."""
    if folder.has(ALERTS_TOKEN):
        return
    token, client = minted(ALERTS_CLIENT, Role.VIEWER, alerts=True)
    kept = tokens.read_text("utf-8").splitlines()
    others = [line for line in kept if f'"{ALERTS_CLIENT}"' not in line]
    line = client.model_dump_json(exclude_none=True)
    tokens.write_text("".join(f"{one}\n" for one in [*others, line]), "utf-8")
    folder.write(ALERTS_TOKEN, token)


def _draw_keys(folder: Folder, path: Path, hosts: tuple[str, ...]) -> None:
    """Certificates of the servers, and the key of Web Push."""
    authority = Authority(path)
    for server in ("broker", "web"):
        if not folder.has(f"{server}.crt"):
            authority.sign(server, (*_own_hosts(), *hosts))
    if not folder.has(PUSH_KEY):
        authority.draw_key(PUSH_KEY)
        (path / PUSH_KEY).chmod(0o444)
    for key in path.glob("*.key"):
        key.chmod(0o600 if key.stem == "ca" else 0o444)


def main(words: list[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.accounts", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["secrets", "acl", "bridge"], default="secrets")
    parser.add_argument("--out", type=Path, default=Path("secrets"), metavar="DIR")
    parser.add_argument("--host", action="append", default=[], help="a further name of this server")
    parser.add_argument(
        "--containers", type=Path, metavar="COMPOSE_FILE", help="hand each container its files"
    )
    parser.add_argument("--device", action="append", default=[], help="a serial with its own login")
    told = parser.parse_args(words)
    if told.what != "secrets":
        sys.stdout.write(broker.acl(tuple(told.device)) if told.what == "acl" else broker.bridge())
        return 0
    try:
        draw(told.out, hosts=tuple(told.host), devices=tuple(told.device))
        if told.containers:
            containers.hand_out(told.out, told.containers)
        if told.containers and os.geteuid() == 0:
            containers.give_to_owner(told.out, told.containers)
    except (AuthorityError, FactoriesError, WeakSecretError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"every secret lies in {told.out}; nobody else may read that folder\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
