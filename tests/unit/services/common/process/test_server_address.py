"""Accounts and passwords come from files, and what would let others in is refused in one line."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from services.common.mqtt.link import BrokerAddress
from services.common.process.server_address import server_urls, weakness
from services.common.process.settings import ServiceSettings
from services.common.store.requirements import UnfitStoreError, check_store, check_sync

DRAWN = "q7Jx0v-PzR2mW9sKd4Tb"
KEEPS: dict[str, Any] = {
    "maxmemory_policy": "noeviction",
    "redis_version": "7.0.15",
    "aof_enabled": 1,
}


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OMF_SECRETS", str(tmp_path))
    return tmp_path


def test_a_password_file_completes_the_address(secrets: Path) -> None:
    (secrets / "omf_store_password").write_text(f"{DRAWN}\n", "utf-8")
    (secrets / "omf_mqtt_password").write_text("p@ss/w:ord-0123456789\n", "utf-8")
    authority = secrets / "ca.crt"
    authority.write_text("", "utf-8")
    settings = ServiceSettings(
        store_url="rediss://orders@store:6379/0",
        mqtt_url="mqtts://ingest@broker:8883",
        store_ca_file=authority,
        mqtt_ca_file=authority,
    )
    assert settings.store_address == (
        f"rediss://orders:{DRAWN}@store:6379/0?ssl_ca_certs={authority}"
    )
    broker = BrokerAddress.parse(settings.mqtt_address)
    assert (broker.username, broker.password) == ("ingest", "p@ss/w:ord-0123456789")
    assert (broker.host, broker.port, broker.tls) == ("broker", 8883, True)
    assert broker.ca_file == str(authority)


def test_all_nodes_of_a_broker_are_logged_in_to_alike(secrets: Path) -> None:
    (secrets / "omf_mqtt_password").write_text(DRAWN, "utf-8")
    settings = ServiceSettings(mqtt_url="mqtt://ingest@one:1884,two")
    nodes = BrokerAddress.parse_each(settings.mqtt_address)
    assert [(n.host, n.port, n.username, n.password) for n in nodes] == [
        ("one", 1884, "ingest", DRAWN),
        ("two", 1883, "ingest", DRAWN),
    ]
    assert DRAWN not in f"{settings.shown()}"


def test_no_password_is_shown_or_represented(secrets: Path) -> None:
    (secrets / "omf_store_password").write_text(DRAWN, "utf-8")
    settings = ServiceSettings(
        store_url="redis://orders@127.0.0.1:6379/0", mqtt_url=f"mqtt://ingest:{DRAWN}@127.0.0.1"
    )
    assert DRAWN in settings.store_address
    assert DRAWN not in f"{settings.shown()}"
    assert DRAWN not in repr(BrokerAddress.parse(settings.mqtt_address))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"store_url": "redis://store:6379/0"}, "names no account"),
        ({"mqtt_url": "mqtt://broker:1883"}, "names no account"),
        ({"store_url": "redis://orders@store:6379/0"}, "there is no password"),
        ({"mqtt_url": "mqtt://ingest@broker:1883"}, "omf_mqtt_password"),
        ({"mqtt_url": "mqtt://127.0.0.1:1883,broker:1883"}, "broker:1883 is another machine"),
        ({"mqtt_url": "mqtt://127.0.0.1:1883,"}, "names its nodes as host:port,host:port"),
        ({"mqtt_url": "mqtt://127.0.0.1:default"}, "'default'.*: write scheme://host"),
        ({"mqtt_url": "mqtt://127.0.0.1:0"}, "port 0 is none"),
        ({"mqtt_url": "mqtt://[::1:1883"}, "OMF_MQTT_URL cannot be read .*IPv6"),
        ({"store_url": "redis://127.0.0.1:66379/0"}, "OMF_STORE_URL cannot be read .*65535"),
        ({"store_password": SecretStr("short")}, "16"),
        ({"store_password": SecretStr("changeme-changeme")}, "example"),
        ({"mqtt_password": SecretStr("THIS_NEEDS_TO_BE_CHANGED")}, "example"),
        ({"store_password": SecretStr("a" * 40)}, "repeats"),
    ],
)
def test_what_would_let_others_in_is_refused(told: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ServiceSettings(**told)


def test_a_factory_may_have_a_broker_that_knows_no_accounts_if_somebody_says_so() -> None:
    open_broker = "mqtt://192.168.0.100:1883"
    settings = ServiceSettings(mqtt_url=open_broker, unprotected=True)
    assert settings.mqtt_address == open_broker


def test_a_real_factory_chooses_its_own_password() -> None:
    url = "mqtt://default@192.168.0.100:1883"
    live = ServiceSettings(environment="live", mqtt_url=url, mqtt_password=SecretStr("default"))
    assert live.mqtt_address == "mqtt://default:default@192.168.0.100:1883"
    with pytest.raises(ValidationError):
        ServiceSettings(environment="mock", mqtt_url=url, mqtt_password=SecretStr("default"))


def test_a_process_says_what_is_wrong_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMF_STORE_URL", "redis://store:6379/0")
    with pytest.raises(SystemExit) as ended:
        ServiceSettings.read()
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("OMF_STORE_URL=redis://store:6379/0 is another machine")


def test_a_secret_drawn_by_chance_is_good_enough() -> None:
    assert weakness(DRAWN) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"maxmemory_policy": "allkeys-lru"}, "noeviction"),
        ({"redis_version": "6.2.14"}, "at least 7.0"),
        ({"aof_enabled": 0}, "appendonly yes"),
    ],
)
def test_a_store_that_could_forget_is_refused(wrong: dict[str, Any], said: str) -> None:
    check_store(KEEPS)
    with pytest.raises(UnfitStoreError, match=said):
        check_store(KEEPS | wrong)


def test_who_wants_no_more_takes_any_store() -> None:
    for told in ("always", "everysec", ""):
        check_sync("everysec", told)
    check_sync("always", "always")


@pytest.mark.parametrize(
    ("told", "said"), [("everysec", "set appendfsync always"), ("no", "no"), ("", "config|get")]
)
def test_a_store_that_answers_before_it_syncs_is_refused_where_that_was_asked(
    told: str, said: str
) -> None:
    with pytest.raises(UnfitStoreError, match=said):
        check_sync("always", told)


def test_an_address_of_a_cluster_names_each_node_with_the_same_account(secrets: Path) -> None:
    (secrets / "omf_store_password").write_text(DRAWN, "utf-8")
    settings = ServiceSettings(store_url="rediss+cluster://orders@a:7001,b:7002,[::1]:7003/0")
    assert server_urls(settings.store_address) == (
        f"rediss://orders:{DRAWN}@a:7001/0",
        f"rediss://orders:{DRAWN}@b:7002/0",
        f"rediss://orders:{DRAWN}@[::1]:7003/0",
    )
    assert settings.shown()["store_url"].endswith("orders@a:7001,b:7002,[::1]:7003/0")
    told = f"redis+cluster://orders:{DRAWN}@127.0.0.1:1,127.0.0.1:2"
    shown = ServiceSettings(store_url=told).shown()["store_url"]
    assert shown == "redis+cluster://orders:***@127.0.0.1:1,127.0.0.1:2"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis+cluster://127.0.0.1:7001,", "names its nodes as host:port,host:port"),
        ("redis+cluster://127.0.0.1:seven", "cannot be read .*'seven'.*: write scheme://host"),
        ("redis+cluster://127.0.0.1:7001/3", "names database 3, and a cluster has none but 0"),
        ("redis+cluster://127.0.0.1:7001,store:7002", "is another machine and names no account"),
    ],
)
def test_an_address_of_a_cluster_that_cannot_be_used_is_refused(url: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ServiceSettings(store_url=url)
