"""A real slapd on loopback with a few people and groups, over TLS and in the open."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ldap3 import MODIFY_DELETE, Connection

from deploy.accounts.authority import Authority
from services.supervisor.ports import free_port
from tests.support.processes import wait_for

SUFFIX = "dc=example,dc=org"
READER = f"cn=omf,{SUFFIX}"
READER_PASSWORD = "reader-of-this-test"  # noqa: S105
ROOT_PASSWORD = "root-of-this-test"  # noqa: S105
PEOPLE = {"anna": "annas password", "berta": "bertas password", "carla*": "carlas password"}
CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
allow bind_anon_cred
TLSCACertificateFile {folder}/ca.crt
TLSCertificateFile {folder}/ldap.crt
TLSCertificateKeyFile {folder}/ldap.key
database mdb
suffix "{suffix}"
rootdn "cn=root,{suffix}"
rootpw {root_password}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""
ENTRIES = """\
dn: {suffix}
objectClass: dcObject
objectClass: organization
o: Example

dn: {reader}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: omf
userPassword: {reader_password}

dn: ou=people,{suffix}
objectClass: organizationalUnit

dn: ou=groups,{suffix}
objectClass: organizationalUnit

dn: cn=operators,ou=groups,{suffix}
objectClass: groupOfNames
member: uid=anna,ou=people,{suffix}
member: uid=carla*,ou=people,{suffix}

dn: cn=everybody,ou=groups,{suffix}
objectClass: groupOfNames
member: uid=anna,ou=people,{suffix}
member: uid=berta,ou=people,{suffix}
"""
PERSON = """
dn: uid={name},ou=people,{suffix}
objectClass: inetOrgPerson
uid: {name}
cn: {name}
sn: Example
userPassword: {password}
"""


class Slapd(NamedTuple):
    """Where it is, and who signs it."""

    url: str
    secure_url: str
    ca_file: Path

    def leave(self, group: str, name: str) -> None:
        """Take a person out of a group, as the directory's administrator does."""
        gone = [f"uid={name},ou=people,{SUFFIX}"]
        with self._root() as root:
            root.modify(f"cn={group},ou=groups,{SUFFIX}", {"member": [(MODIFY_DELETE, gone)]})

    def remove(self, name: str) -> None:
        """Take a person out of the directory."""
        with self._root() as root:
            root.delete(f"uid={name},ou=people,{SUFFIX}")

    def _root(self) -> Connection:
        user = f"cn=root,{SUFFIX}"
        return Connection(self.url, user, ROOT_PASSWORD, auto_bind=True, raise_exceptions=True)


@contextmanager
def slapd(folder: Path) -> Iterator[Slapd]:
    """A started one; ends with the block."""
    (folder / "data").mkdir(parents=True)
    Authority(folder).sign("ldap", ("localhost",))
    told = {"folder": folder, "suffix": SUFFIX, "reader": READER}
    config = folder / "slapd.conf"
    config.write_text(CONFIG.format(**told, root_password=ROOT_PASSWORD), "utf-8")
    entries = ENTRIES.format(**told, reader_password=READER_PASSWORD)
    entries += "".join(
        PERSON.format(name=name, password=password, suffix=SUFFIX)
        for name, password in PEOPLE.items()
    )
    adding = ["/usr/sbin/slapadd", "-f", str(config)]
    subprocess.run(adding, input=entries, text=True, check=True, capture_output=True)
    port, secure = free_port(), free_port()
    listening = f"ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{secure}/"
    command = ["/usr/sbin/slapd", "-h", listening, "-f", str(config), "-d", "0"]
    with (folder / "slapd.log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(lambda: _takes(port), say=(folder / "slapd.log").read_text)
        yield Slapd(f"ldap://127.0.0.1:{port}", f"ldaps://localhost:{secure}", folder / "ca.crt")
    finally:
        running.kill()
        running.wait(10)


def _takes(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
