"""One build, from claim to complete, read from top to bottom."""

import os
import time
from pathlib import Path

from runner import __version__, environment, folder, output, scan, source, steps, upload, verdict
from runner import plan as planning
from runner.cache import Caches
from runner.course import Course, Ran
from runner.errors import ApiError, Failure, Unreachable
from runner.junit import Tests
from runner.logs import Log
from runner.mask import Mask
from runner.output import File, mib
from runner.protocol import Api, Claim, Json, Plan
from runner.scan import Finding, Scanner
from runner.versions import Tools, Versions
from runner.wire import DISK_FULL

FAILURES = {"source": "source_unreachable", "prepare": "plan_failed", "upload": "upload_failed"}
AGAIN = "Deploy again; what was uploaded so far is kept."
EPOCH = 10**11  # below this, deadline_ms counts from now


class Build:
    """The state of one build; `run` does it."""

    def __init__(
        self, api: Api, claim: Claim, log: Log, workspace: Path, proxy: str | None
    ) -> None:
        self._api, self._claim, self._log, self._proxy = api, claim, log, proxy
        self._workspace = workspace
        self._tree = workspace / "src"
        now = time.time() if claim.deadline_ms > EPOCH else 0
        left = claim.deadline_ms / 1000 - now
        self._budget = steps.Budget(time.monotonic() + left, claim.limits.log_bytes)
        self._timings = dict.fromkeys(("source_ms", "upload_ms"), 0)
        self._course: Course | None = None
        self._caches: Caches | None = None
        self._versions = Versions(None, None)
        self._findings: list[Finding] = []
        api.client.deadline = self._budget.deadline

    def run(self) -> None:
        """Build and publish. Raises Failure, or BuildClosed when nobody waits for it."""
        try:
            self._run()
        except ApiError as error:
            raise Failure(self._code(), error.detail, error.hint) from error
        except Unreachable as error:
            if time.monotonic() + 5 > self._budget.deadline:
                raise verdict.timeout() from error
            raise Failure(self._code(), f"A server is out of reach: {error}.", AGAIN) from error
        except OSError as error:
            if error.errno in DISK_FULL:
                raise verdict.disk_full() from error
            raise

    def _code(self) -> str:
        return FAILURES.get(self._log.stage, "internal")

    def _run(self) -> None:
        self._fetch()
        plan, root = self._plan()
        caches = self._caches = Caches(self._api, self._log, plan, self._workspace, root)
        caches.restore()
        env = environment.for_commands(self._workspace, self._proxy, plan.env, self._claim.env)
        tools = Tools(self._workspace / "home", env, self._log, self._budget)
        env, self._versions = tools.provide(plan)
        before = folder.top_level(root)
        course = self._course = Course(self._tree, root, self._log, self._budget)
        course.run(plan, env, hit=caches.hit, exact=caches.exact)
        files, place = self._output(plan, root, before)
        self._judge()
        self._upload(files)
        self._complete(plan, place, files)
        caches.save(course.took("install"))

    def told(self) -> Json:
        """What there is to report of the build by now, however it ends."""
        course, caches = self._course, self._caches
        return {
            "timings": self._times(),
            "steps": [self._ran(ran) for ran in course.ran] if course else [],
            "tests": [self._tests(tests) for tests in course.tests] if course else [],
            "caches": [restored._asdict() for restored in caches.told()] if caches else [],
            "findings": [self._told(finding) for finding in self._findings],
            "versions": self._versions._asdict(),
        }

    def _told(self, finding: Finding) -> Json:
        return finding._replace(path=self._log.mask(finding.path))._asdict()

    def _ran(self, ran: Ran) -> Json:
        return ran._replace(name=self._log.mask(ran.name))._asdict()

    def _tests(self, tests: Tests) -> Json:
        failed = [one._asdict() for one in tests.failed]
        return {**tests._asdict(), "step": self._log.mask(tests.step), "failed": failed}

    def _times(self) -> dict[str, int]:
        course = self._course
        spent = {f"{s}_ms": course.took(s) if course else 0 for s in ("install", "check", "build")}
        return self._timings | spent

    def _fetch(self) -> None:
        began = self._stage("source", "Fetching the source")
        for name in ("src", "home", "tmp"):
            (self._workspace / name).mkdir(exist_ok=True)
        got = source.fetch(self._api, self._claim.source, self._tree, self._workspace / "tmp")
        for link in got.left_out[:20]:
            self._log.warn(f"Left out a link that leads out of the repository: {link}")
        took = self._took("source_ms", began)
        self._log.info(f"Source ready: {got.files:,} files, {mib(got.size)}, in {took}")

    def _plan(self) -> tuple[Plan, Path]:
        self._log.stage = "prepare"
        plan = planning.ask(self._api, self._tree, self._claim.inspect)
        self._log.info(f"Framework: {plan.name}")
        for reason in plan.why:
            self._log.info(f"  {reason}")
        for warning in plan.warnings:
            self._log.warn(warning)
        return plan, planning.root_of(plan, self._tree)

    def _output(self, plan: Plan, root: Path, before: set[str]) -> tuple[list[File], str]:
        self._log.stage = "build" if plan.steps else "prepare"
        place, name = folder.find(self._tree, root, plan.outputs, before)
        plain = f"{os.path.realpath(root)}/".startswith(f"{os.path.realpath(place)}/")
        scanner = self._scanner()
        files = output.collect(place, self._claim.limits, plain=plain, scanner=scanner)
        self._findings = scanner.findings() if scanner else []
        if not files:
            raise folder.empty(root, name, before)
        return files, name

    def _scanner(self) -> Scanner | None:
        claim = self._claim
        values = scan.secret_values(claim.env, claim.secrets)
        return None if claim.gate == "off" else Scanner(values)

    def _judge(self) -> None:
        """Say what is secret in the output. Raises Failure when that is not to be published."""
        for finding in self._findings[:20]:
            self._log.warn(f"Secret in the output: {scan.sentence(finding)}")
        if len(self._findings) > 20:
            self._log.warn(f"And in {len(self._findings) - 20} more places")
        own = [finding for finding in self._findings if finding.value_of]
        if own and self._claim.gate == "block":
            raise scan.refused(own[0])

    def _upload(self, files: list[File]) -> None:
        total = sum(file.size for file in files)
        began = self._stage("upload", f"Publishing {len(files):,} files, {mib(total)}")
        listing = self._workspace / "tmp" / "files.json"
        output.write_list(files, listing)
        sent = upload.publish(self._api, self._claim, files, listing)
        took = self._took("upload_ms", began)
        if sent.files:
            self._log.info(f"Uploaded {sent.files:,} new files, {mib(sent.size)}, in {took}")
        else:
            self._log.info(f"Nothing to upload: every file was there already ({took})")

    def _complete(self, plan: Plan, place: str, files: list[File]) -> None:
        self._log.flush(30)
        report = {
            "framework": plan.framework,
            "output": self._log.mask(place),
            "files": len(files),
            "bytes": sum(file.size for file in files),
            "cache_hit": self._caches is not None and self._caches.hit,
            **self.told(),
        }
        self._api.call("complete", report)
        self._log.close(0)

    def _stage(self, stage: str, title: str) -> float:
        self._log.stage = stage
        self._log.info(title)
        return time.monotonic()

    def _took(self, name: str, began: float) -> str:
        seconds = time.monotonic() - began
        self._timings[name] = round(seconds * 1000)
        return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"


def claim(api: Api, instance: str, sandbox: list[str]) -> Claim:
    """Take the job from the API."""
    return api.claim(instance, __version__, sandbox)


def masked_values(claimed: Claim, token: str) -> Mask:
    """A mask for the build's secrets and our own token."""
    return Mask([token, *(claimed.env[name] for name in claimed.secrets if name in claimed.env)])
