"""The steps of a plan, with the packed agent against the fake."""

import pytest

REPORT = """<?xml version="1.0"?><testsuites><testsuite name="s">
<testcase classname="calc" name="adds" time="0.25"/>
<testcase classname="calc" name="divides" time="0.5"><failure message="1 != 2">at line 3</failure>
</testcase><testcase name="crashes"><error>boom s3cr3t-value</error></testcase>
<testcase name="later"><skipped/></testcase></testsuite></testsuites>"""


def step(name, run, stage="check", **more):
    return {"name": name, "stage": stage, "run": run, **more}


def outcomes(told):
    return {s["name"]: (s["outcome"], s["exit_code"]) for s in told["steps"]}


def test_steps_run_in_order_and_are_timed(fake, agent):
    fake.source({"web/x": "", "index.html": "hi"})
    fake.plan["steps"] = [
        step("install", "echo one > order", "install"),
        step("lint", "echo two >> order; sleep 0.2"),
        step("build", "echo three >> order", "build"),
        step("where", "pwd; cat ../order", folder="web"),
    ]
    assert agent.run() == 0, agent.errors
    done = fake.calls["complete"][0]
    assert outcomes(done) == dict.fromkeys(("install", "lint", "build", "where"), ("ok", 0))
    assert 200 <= done["steps"][1]["ms"] < 5000
    assert done["timings"]["check_ms"] >= 200
    assert fake.published()["order"] == b"one\ntwo\nthree\n"
    assert any(line["text"].endswith("/src/web") for line in fake.lines())
    assert {"install", "check", "build"} <= {line["stage"] for line in fake.lines()}


def test_a_failing_check_names_its_tests_and_always_steps_still_run(fake, agent):
    fake.env, fake.secrets = {"KEY": "s3cr3t-value"}, ["KEY"]
    fake.source({"make.sh": f"mkdir -p out/deep\ncat > out/deep/r.xml <<'X'\n{REPORT}\nX\nexit 3"})
    fake.plan["steps"] = [
        step("test", "sh make.sh", junit=["out/**/*.xml"]),
        step("build", "echo BUILT", "build"),
        step("tidy", "echo TIDY", always=True),
    ]
    assert agent.run() == 0, agent.errors
    failure = fake.failure()
    assert failure["code"] == "check_failed"
    assert failure["exit_code"] == 3
    assert "'test'" in failure["message"]
    assert "2 of 4 tests failed: calc.divides, crashes" in failure["message"]
    assert outcomes(failure) == {
        "test": ("failed", 3),
        "build": ("skipped", None),
        "tidy": ("ok", 0),
    }
    (tests,) = failure["tests"]
    assert tests | {"failed": []} == {
        "step": "test",
        "tests": 4,
        "failures": 1,
        "errors": 1,
        "skipped": 1,
        "ms": 750,
        "failed": [],
    }
    assert tests["failed"] == [
        {"name": "calc.divides", "message": "1 != 2"},
        {"name": "crashes", "message": "boom •••"},
    ]
    assert "BUILT" not in fake.text().replace("echo BUILT", "")
    assert "Tests: 1 passed, 2 failed, 1 skipped" in fake.text()
    assert "s3cr3t" not in fake.text()


def test_a_step_that_may_fail(fake, agent):
    fake.source({"index.html": "hi"})
    fake.plan["steps"] = [step("lint", "exit 4", allow_failure=True), step("test", "true")]
    assert agent.run() == 0, agent.errors
    assert outcomes(fake.calls["complete"][0]) == {"lint": ("allowed", 4), "test": ("ok", 0)}
    assert "allowed to fail" in fake.text()


@pytest.mark.parametrize(
    ("folder", "code"), [("../..", "path_outside_root"), ("nowhere", "root_missing")]
)
def test_a_step_in_no_folder(fake, agent, folder, code):
    fake.source({"index.html": "hi"})
    fake.plan["steps"] = [step("test", "echo RUN", folder=folder)]
    assert agent.run() == 0, agent.errors
    assert fake.failure()["code"] == code


def test_time_used_up_ends_the_build_at_once(fake, agent):
    fake.seconds = 1.5
    fake.source({"index.html": "hi"})
    fake.plan["steps"] = [step("slow", "sleep 60"), step("tidy", "echo TIDY", always=True)]
    assert agent.run() == 0, agent.errors
    assert fake.failure()["code"] == "timeout"
    assert outcomes(fake.failure()) == {"slow": ("failed", None)}


def test_a_node_that_is_not_to_be_had_is_said_in_the_log(fake, agent):
    fake.source({"index.html": "hi"})
    fake.plan |= {"node": "0.0.1", "python": "2.7"}
    fake.plan["steps"] = [step("build", "true", "build")]
    assert agent.run(npm_config_registry="http://127.0.0.1:1") == 0, agent.errors
    assert "asks for node 0.0.1, but npm could not install it" in fake.text()
    assert "asks for Python 2.7, but this build machine does not have it" in fake.text()
    assert fake.calls["complete"][0]["versions"]["python"].startswith("3.")


def test_names_in_a_report_are_masked_like_the_log(fake, agent):
    fake.env, fake.secrets = {"KEY": "s3cr3t-value"}, ["KEY"]
    fake.source(
        {"make.sh": f"mkdir -p o-s3cr3t-value\ncat > o-s3cr3t-value/r.xml <<'X'\n{REPORT}\nX"}
    )
    fake.plan["steps"] = [step("test s3cr3t-value", "sh make.sh", junit=["**/r.xml"])]
    fake.plan["output"], fake.gate = "o-s3cr3t-value", "off"
    assert agent.run() == 0, agent.errors
    done = fake.calls["complete"][0]
    assert done["steps"][0]["name"] == done["tests"][0]["step"] == "test •••"
    assert done["output"] == "o-•••"
    assert "s3cr3t" not in str(fake.calls) + fake.text()
