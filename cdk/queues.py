"""Where ends what could not be delivered, and the queues in between."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs

from cdk.names import Names
from cdk.stack import DeckStack
from chalicelib import resources

KEPT = Duration.days(14)
"""The longest that SQS keeps a message; an alarm says that there is one."""

TRIES = 10
"""How often a message is tried before it counts as lost."""


def asynchronous() -> dict[str, str]:
    """Functions that somebody calls without waiting for an answer -> `events` or `clock`.

    What is lost on the way from a rule, or by a function that a rule calls, ends in `events-lost`,
    what a schedule called in `clock-lost`: a message names its function, and a queue each would be
    an alarm each, of which AWS gives ten.
    """
    clock = {schedule.function for schedule in resources.SCHEDULES}
    called = clock | {rule.function for rule in resources.RULES}
    return {
        spec.name: "clock" if spec.name in clock else "events"
        for spec in resources.FUNCTIONS
        if spec.name in called
    }


def dead_letters(names: Names) -> list[str]:
    """Names of all queues in which lost messages end."""
    streams = [stream.name for stream in resources.STREAMS]
    return [
        *(names.queue(f"{caller}-lost") for caller in sorted(set(asynchronous().values()))),
        *(names.queue(f"{stream}-pipe-lost") for stream in streams),
        *(names.queue(f"{stream}-lost", fifo=True) for stream in streams),
    ]


def lost(stack: DeckStack, name: str, *, fifo: bool = False) -> sqs.Queue:
    """The dead-letter queue `<prefix>-<name>-lost`.

    A message in it means work that nobody did: its alarm rings with the first one.
    """
    return _queue(stack, f"{name}-lost", fifo=fifo)


def line(stack: DeckStack, name: str, seconds: int) -> tuple[sqs.Queue, sqs.Queue]:
    """A FIFO queue whose reader takes at most `seconds`, and its dead-letter queue.

    A message that fails holds up those behind it for twice that time, `TRIES` times.
    """
    dead = lost(stack, name, fifo=True)
    made = _queue(
        stack,
        name,
        fifo=True,
        visibility_timeout=Duration.seconds(2 * seconds),
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=TRIES),
    )
    return made, dead


def _queue(
    stack: DeckStack,
    name: str,
    *,
    fifo: bool,
    visibility_timeout: Duration | None = None,
    dead_letter_queue: sqs.DeadLetterQueue | None = None,
) -> sqs.Queue:
    return sqs.Queue(
        stack,
        f"queue-{name}",
        queue_name=stack.names.queue(name, fifo=fifo),
        fifo=True if fifo else None,
        encryption=sqs.QueueEncryption.SQS_MANAGED,  # costs nothing, where KMS is paid per call
        enforce_ssl=True,
        retention_period=KEPT,
        visibility_timeout=visibility_timeout,
        dead_letter_queue=dead_letter_queue,
    )
