"""State machines, and the functions that their states call."""

from __future__ import annotations

from chalicelib.resources.grants import ENDS, FAILS, LOOKS_AT_DOMAINS, STARTS, Grant
from chalicelib.resources.kinds import ASKS_HOSTS, CORE, Function, Machine

PIPELINE = (
    *("prepare", "build", "package", "attest", "publish", "verify", "promote"),
    *("notify", "fail"),
)

_PIPELINE: dict[str, tuple[Grant, ...]] = {
    # an uploaded tree is compared with the blobs that arrived; the token of the build is sealed
    "prepare": (
        *(*FAILS, "sources:read", "uploads:read", "blobs:read", "data-key:seal"),
        # a commit is fetched from its git host, with a credential that is opened for it
        *("sources", "codecommit"),
        # was this very source built before? variables are opened for the answer
        *("trees", "data-key:open", "manifests:read"),
        "uploads",  # the list of files that are taken instead of building
    ),
    # starts whichever builds are next; one whose machine is over gets another order and token
    "build": (*STARTS, "task-faults"),
    # `manifests:read` because parts that the last deployment has are not written again; rules stand
    # in the source and in files of the output
    "package": (
        *(*FAILS, "uploads:read", "manifests:read", "shards"),
        *("rules", "trees", "sources:read", "blobs:read"),
    ),
    # the files that are signed for, the lock files of the source, what is known against them
    "attest": (
        *(*FAILS, "uploads:read", "blobs:read", "manifests:read", "sources:read", "trees"),
        *("attestations", "advisories:read", "signing-key"),
    ),
    "publish": (*FAILS, "uploads:read", "blobs:read", "manifests"),
    "verify": FAILS,  # asks the edge as a visitor does; tells it a route by a row of `core`
    # a preview whose pull request was closed meanwhile is removed
    "promote": (*ENDS, "manifests:remove", "purge", "machines"),
    "notify": ("core", "bus", "audit"),
    "fail": FAILS,
}

ROLLOUT = ("begin", "shift", "look", "settle", "withdraw")

# Moving the pointer tells the edge by a row and writes the audit log; a canary that is taken back
# is dropped from caches, which a shift does too that a person's word has overtaken. Each of them
# may find that the rollout is over, and says so on the bus.
_ROLLOUT: dict[str, tuple[Grant, ...]] = {
    "begin": ("core", "traffic:read", "bus"),
    "shift": ("core", "audit", "purge", "bus"),
    # goes on in another execution after a while
    "look": ("core", "traffic:read", "machines", "bus"),
    "settle": ("core", "audit", "connections", "bus"),
    "withdraw": ("core", "audit", "purge", "bus"),
}

FUNCTIONS = (
    *(
        Function(
            f"pipeline-{state}",
            f"functions.pipeline.{state}",
            memory_mb=1024 if state in {"prepare", "package", "attest", "publish"} else 512,
            timeout_seconds=300 if state in {"prepare", "package", "attest", "publish"} else 60,
            # a source from a git host arrives whole before the store gets it
            disk_mb=5120 if state == "prepare" else 512,
            grants=_PIPELINE[state],
            layers=ASKS_HOSTS if state == "prepare" else CORE,
        )
        for state in PIPELINE
    ),
    *(
        Function(
            f"rollout-{state}",
            f"functions.rollouts.{state}",
            timeout_seconds=120,  # checks may be asked three times each
            grants=_ROLLOUT[state],
        )
        for state in ROLLOUT
    ),
    Function(
        "domain-look",
        "functions.domains.look",
        timeout_seconds=120,
        grants=LOOKS_AT_DOMAINS,
    ),
)

MACHINES = (
    Machine("deploy", PIPELINE),
    Machine("rollout", ROLLOUT, of="rollout"),
    Machine("domain", ("look",), of="domain"),
)
