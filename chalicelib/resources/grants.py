"""What a function may be allowed, and what several of them are allowed together."""

from __future__ import annotations

from typing import Literal

Grant = Literal[
    "core",  # read and write rows, look into the indexes
    "core:read",
    "log",  # add lines to the log of a build (table `events`)
    "log:read",
    "deliveries",  # remember which events came (table `events`)
    "audit",  # add entries to the audit log, and announce them (table `events`)
    "audit:read",
    "audit:waiting",  # find what was announced and not written
    "traffic",  # write down what visitors did (table `usage`)
    "traffic:read",
    "edge-log",  # read CloudFront's access log, and what its function noted of requests
    "rate",  # take tokens out of the buckets that limit requests (table `usage`)
    "blobs",  # write files of sites
    "blobs:read",  # and see which are there
    "shards",  # write parts of manifests
    "rules",  # write the tables of rules that manifests name
    "rules:read",
    "manifests",  # write manifests, after which a deployment can be seen
    "manifests:read",
    "manifests:remove",  # of previews whose time is over
    "sources",  # put the trees that builds begin with
    "sources:read",
    "sources:remove",
    "trees",  # write down what is in a source, and read it again
    "attestations",  # write bills of materials and signed statements
    "attestations:read",
    "advisories",  # write the copy of the advisories
    "advisories:read",
    "uploads",  # write lists of files
    "uploads:read",
    "caches",  # read and write what builds keep for the next one
    "bus",  # put events on ours
    "machines",  # start executions
    "machines:read",
    "tasks",  # answer task tokens
    "task-faults",  # answer them by an error
    "builds",  # look for builds and start them; read the agent, to sign its address
    "builds:stop",
    "build-logs",  # read what the build machines logged
    "data-key:seal",
    "data-key:open",
    "signing-key",  # sign, and read the public half
    "signing-key:read",  # the public half checks signatures
    "connections",  # send to open WebSockets
    "kvs",  # read and write the edge's store of routes
    "purge",  # drop a deployment from the edge's caches
    "codecommit",  # read the account's repositories
    "codecommit:comment",  # write below their pull requests
    "mail",  # send mail from the installation's address
    "tenants",  # domains of people's own at the edge, and their certificates
    "zones",  # DNS zones that were made for teams
    "firewall",  # what guards of sites are in front of the distributions
]
"""Everything a function may be allowed; `cdk/grants.py` says what each means to IAM."""

# Whoever may end a deployment stops its build, answers the task that waits for it, says that its
# slot is free, writes into its log and tells those who watch.
ENDS: tuple[Grant, ...] = ("core", "tasks", "builds:stop", "bus", "connections")
FAILS: tuple[Grant, ...] = (*ENDS, "log")
STARTS: tuple[Grant, ...] = (*FAILS, "data-key:seal", "data-key:open", "builds")

# A domain is proven, told to the edge and spoken of: in its log, on the bus, by mail.
LOOKS_AT_DOMAINS: tuple[Grant, ...] = (
    *("core", "tenants", "machines", "bus", "audit", "mail"),
    *("data-key:seal", "data-key:open"),  # of the key that proofs are made with
)
