from __future__ import annotations

import json
import os

import pytest

from adapters.local import settings
from adapters.local.settings import FORMAT, Installation, Refusal
from chalicelib.core import config


@pytest.fixture
def home(tmp_path):
    return Installation(tmp_path / "home", 9100)


def test_the_first_start_makes_folders_format_and_secrets(home):
    home.prepare()
    assert (home.home / "format").read_text() == f"{FORMAT}\n"
    kept = home.home / "keys" / "installation.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    again = Installation(home.home, 9100)
    again.prepare()
    assert again.secrets == home.secrets
    assert len(home.secrets.local_secret) >= 32


def test_two_installations_share_no_secret(tmp_path):
    first, second = Installation(tmp_path / "a"), Installation(tmp_path / "b")
    first.prepare()
    second.prepare()
    ours = set(vars(first.secrets).values())
    assert not ours & set(vars(second.secrets).values())


@pytest.mark.parametrize("text", [str(FORMAT + 1), "99999", "abc", ""])
def test_another_data_format_is_refused_in_one_line(home, text):
    home.prepare()
    (home.home / "format").write_text(text)
    with pytest.raises(Refusal) as refused:
        home.prepare()
    assert "\n" not in str(refused.value)
    assert "data format" in str(refused.value)


def test_no_write_access_is_one_line(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Refusal, match="Cannot keep data in"):
        Installation(blocked / "home").prepare()


def test_every_setting_of_the_product_is_given(home):
    home.prepare()
    given = home.product_environment()
    a_person_may_set = (
        *("ACCESS_TOKEN_SECONDS", "BUILD_SECONDS", "LEAST_PLAN", "RATE_FACTOR"),
        *("CLOUDFLARE", "DOMAINS_TARGET", "NAMESERVER", "ROLLOUT_LOOK_SECONDS"),
    )
    optional = {f"CLOUDDECK_{name}" for name in a_person_may_set}
    names = ("BUILDS", "RUNNER_KEY", "ROUTES_STORE", "DISTRIBUTIONS", "MAIL_SENDER")
    only_on_aws = {f"CLOUDDECK_{name}" for name in (*names, "TENANTS_GROUP", "FIREWALL")}
    assert set(config._ENVIRONMENT) - optional - only_on_aws <= set(given)
    read = config.read(given)
    assert read.home == home.home
    assert read.edge_port == 9101
    assert read.store_url == "http://127.0.0.1:9103"
    assert read.site_url("my-site") == "http://my-site.localhost:9101"
    assert read.local_secret == home.secrets.local_secret


def test_neither_profile_nor_proxy_of_the_person_gets_in(home, monkeypatch):
    home.prepare()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "https_proxy", "PYTHONHOME"):
        monkeypatch.setenv(name, "theirs")
    everything = home.base_environment() | home.product_environment()
    assert "theirs" not in everything.values()
    assert everything["AWS_CONFIG_FILE"] == os.devnull


def test_builds_keep_registries_and_proxies(monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://mirror")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("AWS_PROFILE", "theirs")
    kept = settings.build_environment()
    assert kept["npm_config_registry"] == "http://mirror"
    assert kept["HTTPS_PROXY"] == "http://proxy"
    assert "AWS_PROFILE" not in kept


def test_the_port_is_remembered(tmp_path, monkeypatch):
    monkeypatch.delenv("CLOUDDECK_PORT", raising=False)
    (tmp_path / "port").write_text("9300\n")
    assert settings.installation(str(tmp_path)).port == 9300
    assert settings.installation(str(tmp_path), 9400).port == 9400
    monkeypatch.setenv("CLOUDDECK_PORT", "9500")
    assert settings.installation(str(tmp_path)).port == 9500


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "cloud.json"
    settings.write_atomically(path, json.dumps({"a": 1}))
    settings.write_atomically(path, json.dumps({"a": 2}))
    assert json.loads(path.read_text()) == {"a": 2}
    assert [p.name for p in tmp_path.iterdir()] == ["cloud.json"]
