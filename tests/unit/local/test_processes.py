from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from adapters.local import bootstrap, processes, supervisor, system
from adapters.local.settings import Installation, Refusal
from chalicelib import resources
from chalicelib.core.config import settings


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("CLOUDDECK_DYNOXIDE", "/opt/dynoxide")
    monkeypatch.setenv("CLOUDDECK_NO_BWRAP", "1")
    contain = processes.contain
    contain.cache_clear()
    installation = Installation(tmp_path / "home", 9200)
    installation.prepare()
    yield installation
    contain.cache_clear()


def test_five_programs_on_five_ports(here):
    started = processes.processes(here)
    assert [p.name for p in started] == ["dynoxide", "ministack", "gateway", "edge", "slots"]
    assert {p.name: p.port for p in started} == here.ports
    assert sorted(here.ports.values()) == [9200, 9201, 9202, 9203, 9204]


def test_everything_listens_on_the_loopback_address_only(here):
    by_name = {p.name: p for p in processes.processes(here)}
    assert "127.0.0.1" in by_name["dynoxide"].argv
    assert by_name["ministack"].environment["BIND_HOST"] == "127.0.0.1"
    assert by_name["ministack"].environment["AUTH"] == "true"


def test_secrets_are_no_arguments(here):
    for process in (*processes.processes(here), processes.bootstrap(here)):
        for secret in (here.secrets.secret_access_key, here.secrets.local_secret):
            assert secret not in " ".join(process.argv)
            assert secret not in repr(process)


def test_ministack_gets_no_secret_of_ours_but_its_own(here):
    environment = processes.ministack(here).environment
    assert here.secrets.local_secret not in environment.values()


def test_containment_goes_in_front(here, monkeypatch):
    monkeypatch.setattr(processes, "contain", lambda: processes.CONTAIN)
    argv = processes.ministack(here).argv
    assert argv[: len(processes.CONTAIN)] == processes.CONTAIN
    assert argv[-2:] == ("-m", "ministack")


def test_tables_are_those_of_the_resources(here):
    tables = {table["Table"]["TableName"]: table["Table"] for table in bootstrap.tables()}
    assert set(tables) == {settings().table(name) for name in resources.TABLES}
    core = tables[settings().table("core")]
    assert [i["IndexName"] for i in core["GlobalSecondaryIndexes"]] == ["gsi1", "gsi2"]
    named = {column["AttributeName"] for column in core["AttributeDefinitions"]}
    assert named == {"pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"}


def test_a_machine_calls_the_shim_everywhere():
    text = json.dumps({name: "${" + name + "}" for name in resources.PIPELINE})
    made = json.loads(bootstrap.definition(text))
    assert set(made.values()) == {bootstrap.SHIM_ARN}


def test_a_taken_port_is_named_with_its_holder(here):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = Installation(here.home, port)
        with pytest.raises(Refusal, match=f"Port {port} .gateway. is in use by pid") as refused:
            supervisor.check_ports(busy, frozenset({"edge", "dynoxide", "ministack", "slots"}))
        assert "\n" not in str(refused.value)


def test_leftovers_are_ended_and_strangers_are_not(here):
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    mark = {supervisor.MARK: str(here.home)}
    ours = subprocess.Popen(sleep, env=mark)
    theirs = subprocess.Popen(sleep, env={supervisor.MARK: "/another/home"})
    recycled = {"gateway": {"pid": theirs.pid, "started": "1"}}
    here.run("processes.json").write_text(json.dumps(recycled))
    try:
        while system.started(ours.pid) and ours.pid not in system.marked(*next(iter(mark.items()))):
            pass
        assert supervisor.clean_leftovers(here) == 1
        assert ours.wait(5) == -9
        assert theirs.poll() is None
    finally:
        theirs.kill()
        theirs.wait()
    assert not here.run("processes.json").exists()


def test_a_grown_log_is_set_aside(tmp_path):
    log = tmp_path / "edge.log"
    supervisor.rotate(log)
    log.write_bytes(b"x" * (supervisor.LOG_BYTES + 1))
    supervisor.rotate(log)
    assert not log.exists()
    assert (tmp_path / "edge.log.1").exists()
