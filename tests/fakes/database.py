"""The real database of the embedded cloud, in memory, one per test session."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from chalicelib.resources import INDEXES, TABLES


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def binary() -> Path:
    """Where `npm install` put dynoxide."""
    machine = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64"}.get(
        platform.machine(), platform.machine()
    )
    system = "darwin" if sys.platform == "darwin" else "linux"
    root = Path(__file__).resolve().parents[2]
    return root / "node_modules" / "@dynoxide" / f"{system}-{machine}" / "dynoxide"


def start(port: int) -> subprocess.Popen[bytes]:
    """A dynoxide process with an empty database in memory, ready to answer."""
    process = subprocess.Popen(
        [str(binary()), "serve", "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/")},
    )
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"dynoxide ended at once with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            time.sleep(0.02)
        else:
            return process
    process.kill()
    raise RuntimeError("dynoxide does not listen")


def make_tables(client: Any, prefix: str) -> None:
    """Every table of `chalicelib.resources`, as an installation with this prefix has them."""
    for table in TABLES:
        indexes = INDEXES[table]
        keys = ["pk", "sk", *(key for index in indexes for key in index[1:])]
        extra: dict[str, Any] = {}
        if indexes:
            extra["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": name,
                    "KeySchema": _schema(hash_key, range_key),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for name, hash_key, range_key in indexes
            ]
        client.create_table(
            TableName=f"{prefix}-{table}",
            KeySchema=_schema("pk", "sk"),
            AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in keys],
            BillingMode="PAY_PER_REQUEST",
            **extra,
        )


AT_ONCE = 25
"""Rows in one write, as DynamoDB has it."""


def wipe(client: Any, prefix: str) -> None:
    """Remove every row of every table."""
    for table in TABLES:
        name = f"{prefix}-{table}"
        for page in client.get_paginator("scan").paginate(
            TableName=name, ProjectionExpression="pk, sk"
        ):
            gone = [{"DeleteRequest": {"Key": item}} for item in page["Items"]]
            for first in range(0, len(gone), AT_ONCE):
                client.batch_write_item(RequestItems={name: gone[first : first + AT_ONCE]})


def _schema(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]
