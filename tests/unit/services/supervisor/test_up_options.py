"""What `omf up` is told: which broker a real factory has where nobody named one."""

from pathlib import Path

import pytest

from services.supervisor.up_options import UnfitError, UpOptions


def test_a_factory_as_delivered_needs_only_its_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("OMF_LIVE_MQTT_URL", "OMF_MQTT_URL", "OMF_MQTT_PASSWORD", "OMF_SECRETS"):
        monkeypatch.delenv(name, raising=False)
    wish = UpOptions(tmp_path)
    with pytest.raises(UnfitError, match=r"192\.168\.0\.100.*OMF_MQTT_PASSWORD"):
        wish.broker_of("live")
    monkeypatch.setenv("OMF_MQTT_PASSWORD", "x")
    assert wish.broker_of("live") == "mqtt://default@192.168.0.100:1883"
    monkeypatch.delenv("OMF_MQTT_PASSWORD")
    monkeypatch.setenv("OMF_SECRETS", str(tmp_path))
    with pytest.raises(UnfitError):
        wish.broker_of("live")
    (tmp_path / "omf_mqtt_password").write_text("x", "utf-8")
    assert wish.broker_of("live") == "mqtt://default@192.168.0.100:1883"
    # Whoever brings every server along says where each is: nothing is guessed there.
    assert wish.broker_of("mock") is None
    with pytest.raises(UnfitError, match="OMF_MOCK_MQTT_URL"):
        UpOptions(tmp_path, external=True).broker_of("mock")
