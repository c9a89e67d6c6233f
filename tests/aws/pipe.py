"""The pipe that the emulator lacks: changes of rows from a table's stream into the FIFO queue.

It filters by the pipe's own pattern, reads as its role would, and sends as the template says.
"""

from __future__ import annotations

import json
import threading
from typing import Any

from tests.aws.ministack import Account, Keys

Json = dict[str, Any]


class Pipe:
    """Carries what changes from now on, one change a message, in order, until `close`."""

    def __init__(
        self, account: Account, region: str, properties: Json, source: str, queue: str, keys: Keys
    ) -> None:
        (only,) = properties["SourceParameters"]["FilterCriteria"]["Filters"]
        ((told,),) = [json.loads(only["Pattern"])["dynamodb"]["Keys"]["pk"]["S"]]
        self._prefix = str(told["prefix"])
        self._target = properties["TargetParameters"]["SqsQueueParameters"]
        self._source, self._queue = source, queue
        self._streams = account.client("dynamodbstreams", region, keys)
        self._sqs = account.client("sqs", region, keys)
        self.carried: list[Json] = []
        self.fault: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        """Stop reading; raises what went wrong meanwhile."""
        self._stop.set()
        self._thread.join()
        if self.fault:
            raise self.fault

    def _run(self) -> None:
        try:
            iterators = [self._begin(shard) for shard in self._shards()]
            while not self._stop.wait(0.1):
                iterators = [self._carry(iterator) for iterator in iterators if iterator]
        except Exception as fault:
            self.fault = fault

    def _shards(self) -> list[str]:
        described = self._streams.describe_stream(StreamArn=self._source)["StreamDescription"]
        return [shard["ShardId"] for shard in described["Shards"]]

    def _begin(self, shard: str) -> str:
        return str(
            self._streams.get_shard_iterator(
                StreamArn=self._source, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )

    def _carry(self, iterator: str) -> str:
        answer = self._streams.get_records(ShardIterator=iterator)
        for record in answer["Records"]:
            if record["dynamodb"]["Keys"]["pk"]["S"].startswith(self._prefix):
                self._send(record)
        return str(answer.get("NextShardIterator") or "")

    def _send(self, record: Json) -> None:
        told = record["dynamodb"]
        at = told["ApproximateCreationDateTime"].timestamp()
        change = {
            "eventID": record["eventID"],
            "eventName": record["eventName"],
            "eventSource": "aws:dynamodb",
            "dynamodb": {**told, "ApproximateCreationDateTime": at},
        }
        assert self._target["MessageDeduplicationId"] == "$.eventID"
        self._sqs.send_message(
            QueueUrl=self._queue,
            MessageBody=json.dumps(change),
            MessageGroupId=self._target["MessageGroupId"],
            MessageDeduplicationId=record["eventID"],
        )
        self.carried.append(change)
