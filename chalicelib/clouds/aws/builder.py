"""Builds on CodeBuild: an order is a build whose environment names it.

CodeBuild forgets an idempotency token after five minutes, and takes it ill when anything else of
the request differs, as the signed address of the runner does. So an order is looked up among the
builds first; the token is for two that start it at the same moment. Were a runner started twice
all the same, the second would be told `already_claimed`; were one started after its build ended,
`build_closed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.clouds.aws.session import client, code_of
from chalicelib.clouds.aws.store import S3Store
from chalicelib.core.config import Settings
from chalicelib.core.ids import moment
from chalicelib.ports import NoRoom, Over

if TYPE_CHECKING:
    from chalicelib.ports import BuildOrder

PROTECTIONS = ("machine", "memory", "cpu", "disk")
"""What CodeBuild itself gives: a machine for one build alone, and no more of it than it has.

There is no `net_off`: a build may connect to wherever it likes. `own_uid` and `no_new_privs` are
added by runner/buildspec.yml where the machine can do that.
"""

PROVISION_SECONDS = 120
"""The clock of a build begins with its machine, that of its runner with the claim."""

QUEUE_MINUTES = 60
LONGEST_MINUTES = 480
SHORTEST_MINUTES = 5
PAGES = 20
"""Of a hundred builds each, that are looked through for an order."""

COMPUTE_TYPES = (
    ("BUILD_GENERAL1_SMALL", 4096, 2),
    ("BUILD_GENERAL1_MEDIUM", 8192, 4),
    ("BUILD_GENERAL1_LARGE", 16384, 8),
)
"""Machines for Linux on either architecture: memory in MB and processors; each has 64 GB of disk or
more, which is above every size."""

_SKEW = timedelta(minutes=5)
_AWAY = {"ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable", "InternalFailure"}


class CodeBuild:
    """Runners on CodeBuild (port Builder)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._project = settings.builds

    def start(self, order: BuildOrder) -> str:
        """Start a runner; an order that was started before starts nothing. No machine is smaller
        than ordered, so there is nothing to say.

        Raises NoRoom when the account has no room for another build now, Over when the order's
        build has ended, OSError when CodeBuild does not answer, RuntimeError when it refuses.
        """
        found = self._find(order.build)
        if found is not None:
            if found["buildStatus"] != "IN_PROGRESS":
                raise Over(f"its build machine ended ({found['buildStatus']})")
            return ""
        try:
            self._call("start_build", **self._request(order))
        except RuntimeError:
            # Somebody else started it a moment ago, and the two requests differ in the signature.
            if self._find(order.build) is None:
                raise
        return ""

    def stop(self, build: str) -> None:
        """End a runner; one that is unknown or over is no error.

        Raises OSError when CodeBuild does not answer, RuntimeError when it refuses.
        """
        found = self._find(build)
        if found is not None and found["buildStatus"] == "IN_PROGRESS":
            self._call("stop_build", id=found["id"])

    def _request(self, order: BuildOrder) -> dict[str, Any]:
        minutes = -(-(order.deadline_seconds + PROVISION_SECONDS) // 60)
        minutes = min(max(minutes, SHORTEST_MINUTES), LONGEST_MINUTES)
        seconds = (minutes + QUEUE_MINUTES) * 60
        environment = {
            "CLOUDDECK_ORDER": order.build,
            "CLOUDDECK_API": self._settings.api_url,
            "CLOUDDECK_BUILD_TOKEN": order.token,
            "CLOUDDECK_RUNNER_URL": S3Store(self._settings).signed_get(self._runner(), seconds),
            "CLOUDDECK_RUNNER_SHA256": self._runner().rpartition("/")[2].partition(".")[0],
            "CLOUDDECK_SANDBOX": ",".join(PROTECTIONS),
        }
        return {
            "projectName": self._project,
            "idempotencyToken": order.build,
            "computeTypeOverride": compute_type(order.memory_mb, order.cpus),
            "timeoutInMinutesOverride": minutes,
            "queuedTimeoutInMinutesOverride": QUEUE_MINUTES,
            "environmentVariablesOverride": [
                {"name": name, "value": value, "type": "PLAINTEXT"}
                for name, value in environment.items()
            ],
        }

    def _runner(self) -> str:
        key = self._settings.runner_key
        if not key:
            raise RuntimeError(
                "CLOUDDECK_RUNNER_KEY is not set: it is the key of the build agent in the bucket "
                f"{self._settings.bucket('sources')}, runner/<sha256>.pyz"
            )
        return key

    def _find(self, order: str) -> dict[str, Any] | None:
        """The build of an order, or None; older ones than the order can be are not looked at."""
        oldest = _made(order) - _SKEW
        for page in self._pages():
            builds = self._call("batch_get_builds", ids=page)["builds"] if page else []
            for build in builds:
                if order_of(build) == order:
                    return dict(build)
            if builds and min(build["startTime"] for build in builds) < oldest:
                return None
        return None

    def _pages(self) -> Iterator[list[str]]:
        """Ids of the project's builds, the newest first: CodeBuild's own order.

        Naming the order is refused for a project with more than a hundred builds.
        """
        more: dict[str, str] = {}
        for _ in range(PAGES):
            page = self._call("list_builds_for_project", projectName=self._project, **more)
            yield page.get("ids", [])
            if not page.get("nextToken"):
                return
            more = {"nextToken": page["nextToken"]}

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = getattr(client("codebuild", self._settings.region), operation)(**arguments)
        except ClientError as error:
            raise self._told(error) from error
        except BotoCoreError as error:
            raise OSError(f"CodeBuild does not answer: {error}") from error
        return dict(answer)

    def _told(self, error: Exception) -> Exception:
        code = code_of(error)
        if code == "AccountLimitExceededException":
            return NoRoom(
                "CodeBuild has no room for another build in this account: the order waits. If it "
                "never starts, ask AWS for more concurrent builds (Service Quotas, CodeBuild)."
            )
        if code == "ResourceNotFoundException":
            return RuntimeError(
                f"CodeBuild has no project {self._project} in {self._settings.region}: deploy the "
                "stack `pipeline`, or set CLOUDDECK_BUILDS."
            )
        if code in _AWAY:
            return OSError(f"CodeBuild does not answer: {code}")
        return RuntimeError(f"CodeBuild refused: {error}")


def compute_type(memory_mb: int, cpus: int) -> str:
    """The smallest machine of CodeBuild with so much, or the largest of those that we use."""
    fitting = (name for name, mb, cores in COMPUTE_TYPES if mb >= memory_mb and cores >= cpus)
    return next(fitting, COMPUTE_TYPES[-1][0])


def order_of(build: dict[str, Any]) -> str:
    """The order that a build carries out, or an empty text."""
    variables = build.get("environment", {}).get("environmentVariables", [])
    return next((str(v["value"]) for v in variables if v["name"] == "CLOUDDECK_ORDER"), "")


def _made(order: str) -> datetime:
    """When the deployment of an order was made: no build of it can be older."""
    return datetime.fromtimestamp(moment(order.partition("-")[0]) / 1000, UTC)
