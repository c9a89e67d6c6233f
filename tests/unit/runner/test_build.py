"""The packed agent, as a process, against the fake."""

import json
import os
import signal
import time

import pytest

from tests.unit.runner.fake import TOKEN

BUILD = {"install": None, "build": "sh build.sh", "output": "dist"}


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def alive(marker):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if marker.encode() in file.read():
                    found.append(int(pid))
        except OSError:
            continue
    return found


def test_plain_site(fake, agent):
    fake.source(
        {
            "index.html": "<h1>hi",
            "a/b.css": "b{}",
            "copy.css": "b{}",
            ".env": "SECRET=1",
            ".well-known/x": "ok",
            "node_modules/m/i.js": "no",
            ".git/config": "no",
        },
        {"link.css": "a/b.css", "evil": "/etc/passwd"},
    )
    assert agent.run() == 0, agent.errors
    assert fake.published() == {
        "index.html": b"<h1>hi",
        "a/b.css": b"b{}",
        "copy.css": b"b{}",
        "link.css": b"b{}",
        ".well-known/x": b"ok",
    }
    done = fake.calls["complete"][0]
    assert (done["files"], done["bytes"], done["cache_hit"]) == (5, 17, False)
    assert set(done["timings"]) == {
        *("source_ms", "install_ms", "check_ms", "build_ms", "upload_ms")
    }
    assert "leads out of the repository: evil -> /etc/passwd" in fake.text()
    assert fake.calls["claim"][0]["sandbox"] == ["one", "two"]
    assert "index.html" in fake.calls["plan"][0]["root_files"]
    assert agent.memory < 60 * 1024


def test_build_environment_and_logs(fake, agent):
    fake.env = {"API_KEY": "s3cr3t/va+lue", "NODE_ENV": "production", "PLAIN": "yes"}
    fake.secrets, fake.gate = ["API_KEY"], "warn"
    fake.plan |= {
        "install": "echo node-env=[$NODE_ENV]; exit 0",
        "build": "sh build.sh",
        "output": "dist",
        "env": {"PLANNED": "p", "PLAIN": "no"},
    }
    script = """
        mkdir dist; env > dist/env.txt; echo "the key is $API_KEY"; echo err >&2
        printf %s "$API_KEY" | base64; cat /proc/$PPID/environ | tr '\\0' '\\n'
        printf 'a\\r\\nb 10%%\\rb 20%%\\n'; printf last
    """
    fake.source({"build.sh": script, "package.json": '{"name":"x"}'})
    assert agent.run() == 0, agent.errors
    env = dict(line.split("=", 1) for line in fake.published()["env.txt"].decode().split("\n")[:-1])
    assert "CLOUDDECK_BUILD_TOKEN" not in env
    assert TOKEN not in fake.text()
    assert TOKEN.encode() not in fake.published()["env.txt"]
    assert env["CI"] == "1"
    assert env["PLAIN"] == "yes"
    assert env["PLANNED"] == "p"
    assert env["NODE_ENV"] == "production"
    assert "node-env=[]" in fake.text()
    assert "s3cr3t" not in fake.text()
    assert "the key is •••" in fake.text()
    texts = [line["text"] for line in fake.lines()]
    assert texts.index("$ sh build.sh") < texts.index("the key is •••") < texts.index("err")
    assert texts[texts.index("a") : texts.index("a") + 3] == ["a", "b 20%", "last"]
    assert {"level": "command", "stage": "build", "text": "$ sh build.sh"}.items() <= next(
        line for line in fake.lines() if line["level"] == "command" and line["stage"] == "build"
    ).items()
    inspected = fake.calls["plan"][0]["files"]["package.json"]
    assert inspected["text"] == '{"name":"x"}'
    firsts = sorted(fake.logs)
    assert firsts == [1 + sum(len(fake.logs[f]) for f in firsts[:i]) for i in range(len(firsts))]


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("echo oh no; exit 3", "build_failed", "exit code 3"),
        ("nonesuch", "build_failed", "127"),
        ("kill -9 $$", "oom", "memory"),
        ("kill -SEGV $$", "build_failed", "SIGSEGV"),
        ("echo 'write ENOSPC'; exit 1", "disk_full", "disk"),
        ("mkdir out site; touch site/index.html", "output_missing", "'site'"),
        ("mkdir dist build; echo > build/index.html", "output_missing", "'build'"),
        ('mkdir dist; touch "dist/a\nb"', "output_rejected", "a\\nb"),
        ("mkdir dist; touch dist/$(printf '\\377')", "output_rejected", "UTF-8"),
        ("mkdir dist; mkfifo dist/pipe", "output_rejected", "pipe is a FIFO"),
        ("mkdir dist; ln -s /etc/passwd dist/p", "output_rejected", "link out of"),
        ("mkdir dist; ln -s ../build.sh dist/p", "output_rejected", "link out of"),
        ("mkdir dist; ln -s . dist/loop", "output_rejected", "loop"),
        ("mkdir dist; ln -s none dist/dead", "output_rejected", "nowhere"),
        ("ln -s /etc dist", "output_rejected", "outside"),
        ("yes", "log_limit", "0.2 MiB"),
    ],
)
def test_failures_say_why(fake, agent, script, code, words):
    fake.plan |= BUILD
    fake.limits["log_bytes"] = 200_000
    fake.source({"build.sh": script})
    assert agent.run() == 0, agent.errors
    failure = fake.failure()
    assert failure["code"] == code
    assert words in failure["message"] + failure["hint"]
    assert failure["hint"]
    assert not fake.calls["complete"]
    if words == "exit code 3":
        assert failure["exit_code"] == 3
        assert "oh no" in fake.text()


def test_line_without_an_end(fake, agent):
    fake.plan |= BUILD
    fake.source(
        {"build.sh": "mkdir dist; head -c 200000000 /dev/zero | tr '\\0' x; echo; echo k > dist/i"}
    )
    assert agent.run() == 0, agent.errors
    assert fake.published() == {"i": b"k\n"}
    assert agent.memory < 100 * 1024
    cut = next(line["text"] for line in fake.lines() if line["text"].startswith("xxx"))
    assert cut.endswith("… [line cut at 16 KiB]")
    assert len(cut) < 17_000


def test_timeout_kills_everything(fake, agent):
    fake.plan |= BUILD
    fake.seconds = 2.0
    mark = f"87654.{os.getpid()}"
    daemon = f"(trap '' TERM; setsid sleep {mark}) & setsid sh -c 'trap \"\" TERM; sleep {mark}' &"
    fake.source({"build.sh": f"{daemon} echo waiting; sleep {mark}"})
    assert agent.run() == 0, agent.errors
    assert fake.failure()["code"] == "timeout"
    assert "waiting" in fake.text()
    assert alive(mark) == []


def test_daemons_left_behind_are_ended(fake, agent):
    fake.plan |= BUILD
    mark = f"98765.{os.getpid()}"
    script = f"mkdir dist; echo x > dist/a; for i in 1 2 3; do setsid sleep {mark} & done; echo ok"
    fake.source({"build.sh": script})
    began = time.monotonic()
    assert agent.run() == 0, agent.errors
    assert time.monotonic() - began < 5
    assert fake.published() == {"a": b"x\n"}
    assert "left running" in fake.text()
    assert alive(mark) == []


def test_lost_answers(fake, agent):
    fake.plan |= BUILD
    fake.source({"build.sh": "mkdir dist; for i in 1 2 3 4 5 6 7; do echo $i > dist/$i; done"})
    names = ("claim", "plan", "logs", "missing", "complete", "PUT", "GET")
    fake.drop = dict.fromkeys(names, 1) | {"PUT": 3}
    fake.refuse = {"claim": [503], "missing": [500], "PUT": [503, 403]}
    assert agent.run() == 0, agent.errors
    assert not fake.calls["fail"], fake.failure()
    assert set(fake.published()) == set("1234567")
    assert len(fake.calls["complete"]) == 2
    assert not fake.calls["fail"]
    assert [line["text"] for line in fake.lines()].count("$ sh build.sh") == 1


def test_nothing_to_upload_the_second_time(fake, agent):
    fake.source({"index.html": "x", "b.txt": "y"})
    assert agent.run() == 0
    fake.calls.clear()
    fake.requests.clear()
    assert agent.run() == 0
    assert [name for verb, name in fake.requests if verb == "PUT"] == ["list"]
    assert "Nothing to upload" in fake.text()


def test_source_as_files(fake, agent):
    contents = {f"d{i}/f{i}.txt": b"%d" % i for i in range(10)}
    for i, data in enumerate(contents.values()):
        fake.blobs[f"part{i}"] = data
    fake.files = [
        {"path": path, "mode": 0o755, "url": f"{fake.url}/store/part{i}"}
        for i, path in enumerate(contents)
    ]
    assert agent.run() == 0, agent.errors
    assert fake.published() == contents
    assert {f["mode"] for f in json.loads(fake.blobs["list"])["files"]} == {0o755}


def test_hostile_source(fake, agent):
    fake.source({"../../escaped.txt": "x"})
    assert agent.run() == 0
    assert fake.failure()["code"] == "source_failed"
    assert "leaves the folder" in fake.failure()["message"]


def test_plan_is_refused(fake, agent):
    fake.source({"a": "b"})
    fake.plan["root"] = "../.."
    assert agent.run() == 0
    assert fake.failure()["code"] == "path_outside_root"


def test_the_first_folder_that_exists_is_published(fake, agent):
    fake.plan |= BUILD | {"output_candidates": ["dist", "build", "."], "warnings": ["take care"]}
    fake.source({"build.sh": "mkdir build; echo x > build/i"})
    assert agent.run() == 0, agent.errors
    assert fake.published() == {"i": b"x\n"}
    assert fake.calls["complete"][0]["output"] == "build"
    assert "take care" in fake.text()


def test_no_plan(fake, agent):
    fake.source({"a": "b"})
    fake.problems["plan"] = (422, "config_invalid", "clouddeck.toml: unknown key", "Remove it.")
    assert agent.run() == 0
    failure = fake.failure()
    assert failure["code"] == "config_invalid"
    assert failure["message"] == "clouddeck.toml: unknown key"
    assert failure["hint"] == "Remove it."


def test_cancelled_while_building(fake, agent):
    fake.plan |= BUILD
    mark = f"76543.{os.getpid()}"
    fake.source({"build.sh": f"echo started; while :; do echo .; sleep 0.1; done; sleep {mark}"})
    process = agent.start()
    wait_for(lambda: "started" in fake.text())
    fake.closed = True
    assert agent.wait(process, 10) == 0
    assert not fake.calls["complete"]
    assert alive(mark) == []


def test_stopped_by_a_signal(fake, agent):
    fake.plan |= BUILD
    mark = f"65432.{os.getpid()}"
    fake.source({"build.sh": f"echo started; sleep {mark}"})
    process = agent.start()
    wait_for(lambda: "started" in fake.text())
    process.send_signal(signal.SIGTERM)
    assert agent.wait(process, 10) == 0
    assert fake.failure()["code"] == "timeout"
    assert alive(mark) == []


def test_somebody_else_has_the_job(fake, agent):
    fake.calls["claim"].append({"instance": "another"})
    assert agent.run() == 0
    assert [name for _, name in fake.requests] == ["claim"]


def test_incomplete_environment(agent):
    assert agent.run(CLOUDDECK_WORKSPACE="/nonexistent") == 2
