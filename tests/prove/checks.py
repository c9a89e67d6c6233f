"""The invariants, asked of a running or a stopped embedded cloud."""

import hashlib
from typing import Any

from tests.prove import machine
from tests.prove.cloud import TERMINAL, Cloud, wait
from tests.prove.outcome import Outcome

CORE = "clouddeck-core"
OPEN_SHARDS = 4
GRACE_SECONDS = 15
SWEEP_SECONDS = 90
"""The last step of a deployment may die too; the sweep, once a minute, does it again."""


def open_rows(cloud: Cloud) -> list[str]:
    """Deployments that the index still lists as on their way."""
    found = []
    for shard in range(OPEN_SHARDS):
        page = cloud.table(
            "query",
            TableName=CORE,
            IndexName="gsi2",
            KeyConditionExpression="gsi2pk = :shard",
            ExpressionAttributeValues={":shard": {"S": f"OPEN#{shard}"}},
        )
        found += [row["id"]["S"] for row in page["Items"]]
    return found


def rows_below(cloud: Cloud, partition: str, prefix: str) -> list[dict[str, Any]]:
    """Rows of a partition whose sort key has a prefix, in order."""
    found: list[dict[str, Any]] = []
    place: dict[str, Any] = {}
    while True:
        page = cloud.table(
            "query",
            TableName=CORE,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": partition}, ":sk": {"S": prefix}},
            ConsistentRead=True,
            **place,
        )
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return found
        place = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def pointer_sound(cloud: Cloud, outcome: Outcome, slug: str) -> dict[str, Any] | None:
    """I2: production names a ready deployment, and every file of it is stored and served whole."""
    pointer = cloud.must("GET", f"/v1/projects/{slug}/pointer")
    live = pointer["deployment"]
    if not live:
        return None
    row = cloud.must("GET", f"/v1/deployments/{live}")
    outcome.expect(row["state"] == "ready", f"production of {slug} is {live}, {row['state']}")
    team = cloud.must("GET", f"/v1/projects/{slug}")["team"]
    store = cloud.home / "s3"
    for file in cloud.pages(f"/v1/deployments/{live}/files"):
        kept = next(store.glob(f"*/clouddeck-sites/blobs/{team}/{file['sha256']}"), None)
        body = kept.read_bytes() if kept else None
        outcome.expect(
            body is not None and hashlib.sha256(body).hexdigest() == file["sha256"],
            f"{slug}: {file['path']} of {live} is {'damaged' if kept else 'not'} in the store",
        )
    status, served, _ = cloud.visit(slug)
    outcome.expect(
        status in {200, 404} and served == live,
        f"{slug}: the edge answers {status} from {served or 'nothing'}, production is {live}",
    )
    return dict(pointer)


def history_monotone(cloud: Cloud, outcome: Outcome, project: str) -> int:
    """I3: the pointer's whole history rises in generation and in push sequence; its length."""
    moves = rows_below(cloud, f"PROJ#{project}", "PTRLOG#")
    before = 0
    for at, move in enumerate(moves, 1):
        deployment = move["deployment"]["S"]
        sequence = int(cloud.must("GET", f"/v1/deployments/{deployment}")["sequence"])
        outcome.expect(sequence > before, f"move {at} of {project} went back to {deployment}")
        outcome.expect(int(move["generation"]["N"]) == at, f"{project}: a hole at move {at}")
        before = max(before, sequence)
    return len(moves)


def everything_over(cloud: Cloud, outcome: Outcome, slugs: list[str], seconds: float) -> float:
    """I6: every deployment of these projects ends in time; returns how long that took."""
    pending: list[str] = []

    def over() -> bool:
        pending[:] = [
            f"{row['id']} of {slug} is {row['state']}"
            for slug in slugs
            for row in cloud.deployments(slug)
            if row["state"] not in TERMINAL
        ]
        return not pending

    took = wait(over, seconds, 0.5)
    outcome.expect(
        took is not None, lambda: f"not over after {seconds:.0f} s: {'; '.join(pending[:5])}"
    )
    return seconds if took is None else took


def nothing_left_of_builds(cloud: Cloud, outcome: Outcome) -> int:
    """I7 while it runs: no process, workspace, control group or open index row of a build."""
    wait(lambda: not machine.builds_left(cloud.home), GRACE_SECONDS, 0.3)
    wait(lambda: not open_rows(cloud), SWEEP_SECONDS, 0.3)
    left = [*machine.builds_left(cloud.home), *(f"open row {row}" for row in open_rows(cloud))]
    outcome.expect(not left, f"left behind by builds: {'; '.join(left[:5])}")
    return len(left)


def nothing_left(cloud: Cloud, outcome: Outcome) -> int:
    """I7 after `down`: no process, mount, control group or folder outside the home."""
    cloud.down()
    wait(lambda: not machine.left(cloud.home), GRACE_SECONDS, 0.2)
    left = machine.left(cloud.home)
    outcome.expect(not left, f"left behind after down: {'; '.join(left[:5])}")
    return len(left)
