"""Entry: read the environment, build, report. Exit 0 says that the outcome was reported."""

import contextlib
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from runner import reap
from runner.build import Build, claim, masked_values
from runner.client import Client
from runner.errors import ApiError, BuildClosed, Failure, Terminated, Unreachable
from runner.forward import Forwarder
from runner.logs import Log
from runner.protocol import Api
from runner.shield import raise_shield

STOPPED = Failure("timeout", "The build was stopped from outside.", "Deploy again.")


def main() -> int:
    """Run the build this process was started for; returns the exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    environ = dict(os.environ)
    try:
        base, token = environ["CLOUDDECK_API"], environ["CLOUDDECK_BUILD_TOKEN"]
        workspace = Path(environ["CLOUDDECK_WORKSPACE"]).resolve(strict=True)
    except (KeyError, OSError) as error:
        print(f"runner: the environment is incomplete: {error}", file=sys.stderr)
        return 2
    raise_shield(["CLOUDDECK_BUILD_TOKEN"])
    socket = environ.get("CLOUDDECK_PROXY_SOCKET") or None
    sandbox = [name for name in environ.get("CLOUDDECK_SANDBOX", "").split(",") if name]
    api = Api(base, token, Client(socket))
    try:
        claimed = claim(api, os.urandom(8).hex(), sandbox)
        log = Log(api, masked_values(claimed, token))
        forwarder = Forwarder(socket) if socket else None
        job = Build(api, claimed, log, workspace, forwarder.url if forwarder else None)
        return _attempt(api, log, job)
    except BuildClosed:
        return 0
    except Terminated:
        return 143
    except (ApiError, Unreachable, OSError, ValueError, KeyError) as error:
        print(f"runner: the build could not be claimed: {error}", file=sys.stderr)
        return 1
    finally:
        reap.kill_all()


def _attempt(api: Api, log: Log, job: Build) -> int:
    try:
        job.run()
    except BuildClosed:
        return 0
    except Failure as failure:
        return _report(api, log, job, failure)
    except Terminated:
        reap.kill_all()
        return _report(api, log, job, STOPPED, patience=5)
    except Exception as error:  # the last door: somebody has to be told
        print(f"runner: {type(error).__name__}: {error}", file=sys.stderr)
        text = f"The build agent failed: {type(error).__name__}: {error}"
        return _report(api, log, job, Failure("internal", text, "Deploy again."))
    log.close(5)
    return 0


def _report(api: Api, log: Log, job: Build, failure: Failure, patience: float = 30) -> int:
    """Tell the API how the build ended; 0 when it knows."""
    api.client.deadline = None
    message, hint = log.mask(failure.message, 2000), log.mask(failure.hint, 2000)
    report = {
        "code": failure.code,
        "message": message,
        "hint": hint,
        "stage": log.stage,
        "exit_code": failure.exit_code,
        **job.told(),
    }
    with contextlib.suppress(BuildClosed):
        log.write([message, *([hint] if hint else [])], "error")
        log.flush(patience)
        try:
            api.call("fail", report, patience=patience)
        except (ApiError, Unreachable, OSError) as error:
            print(f"runner: the failure could not be reported: {error}", file=sys.stderr)
            return 1
    return 0


def _terminate(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


if __name__ == "__main__":
    sys.exit(main())
