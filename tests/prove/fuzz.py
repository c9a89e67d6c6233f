"""Every operation of the API's own description, with what schemathesis makes up, good and bad.

An operation is asked with names that chance makes and with names of things that are there. What
comes back must be what the description says: a known status, the shape of its answer, no 5xx.
Afterwards the list of bad inputs: each gets its exact code and a sentence.
"""

import contextlib
import json
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import Failure, FailureGroup

from tests.prove.bad_input import CASES
from tests.prove.cloud import Cloud
from tests.prove.outcome import Outcome

GOAL = "no 5xx, no status or shape that the description does not name; bad input gets its own code"
EXAMPLES = {"smoke": 3, "full": 150}
LONGEST_URL = 32 * 1024
"""Beyond twice this the HTTP server itself refuses, in its own words."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LOCKS_OUT = {"/v1/auth/logout", "/v1/me/sessions", "/v1/me/sessions/{session}", "/v1/me/password"}
"""Operations that are asked with a session that is over, so that the suite can go on."""
SHOWN = 3


def run(outcome: Outcome) -> None:
    """Fuzz each operation, then the list."""
    # a made-up address of a collector or an identity provider must not be waited for
    with Cloud() as cloud:
        Fuzz(cloud, outcome).run()
        client = {"client_id": "id", "client_secret": "a secret of nobody"}
        with cloud.as_bearer(cloud.session()):
            cloud.must("PUT", "/v1/admin/providers/github", client)
            bad_input(cloud, outcome)


class Fuzz:
    """One walk over the description."""

    def __init__(self, cloud: Cloud, outcome: Outcome) -> None:
        self.cloud, self.outcome = cloud, outcome
        self.sent = 0
        self._token, self._over = cloud.session(), cloud.session()
        with cloud.as_bearer(self._over):
            cloud.api("POST", "/v1/auth/logout")
        self.statuses: dict[int, int] = {}

    def run(self) -> None:
        """Every operation, twice."""
        schema = schemathesis.openapi.from_dict(self.cloud.must("GET", "/v1/openapi.json"))
        operations = [result.ok() for result in schema.get_all_operations()]
        for operation in operations:
            for names in (None, self._names()):
                if names is None or "{" in operation.path:
                    self._fuzz(operation, names)
        self.outcome.figures["operations"] = len(operations)
        self.outcome.figures["requests"] = self.sent
        for status, count in sorted(self.statuses.items()):
            self.outcome.figures[f"status_{status}"] = count

    def _names(self) -> dict[str, str]:
        """Something that is there for every path parameter, made anew when it was destroyed."""
        me = self.cloud.must("GET", "/v1/me")
        if not self.cloud.api("GET", "/v1/projects/fuzz").ok:
            self.cloud.project("fuzz")
        return {"team": me["teams"][0]["id"], "user": me["user"]["id"], "project": "fuzz"}

    def _fuzz(self, operation: Any, names: dict[str, str] | None) -> None:
        found: set[str] = set()

        @hypothesis.seed(self.outcome.seed)
        @hypothesis.settings(
            max_examples=EXAMPLES[self.outcome.tier],
            deadline=None,
            database=None,
            derandomize=False,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def good(case: Any) -> None:
            self._send(case, names, found)

        @hypothesis.seed(self.outcome.seed)
        @hypothesis.settings(
            max_examples=EXAMPLES[self.outcome.tier],
            deadline=None,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        def bad(case: Any) -> None:
            self._send(case, names, found)

        good()
        # an operation without anything to get wrong has no bad cases
        with contextlib.suppress(
            hypothesis.errors.Unsatisfiable, schemathesis.errors.InvalidSchema
        ):
            bad()
        for complaint in sorted(found)[:SHOWN]:
            self.outcome.failures.append(f"{operation.label}: {complaint}")

    def _send(self, case: Any, names: dict[str, str] | None, found: set[str]) -> None:
        if names:
            for name, value in names.items():
                if name in (case.path_parameters or {}):
                    case.path_parameters[name] = value
        self.sent += 1
        token = self._over if case.operation.path in LOCKS_OUT else self._token
        response = case.call(
            base_url=f"http://127.0.0.1:{self.cloud.port}",
            headers={"Authorization": f"Bearer {token}"},
            allow_redirects=False,
            timeout=60,
        )
        self.statuses[response.status_code] = self.statuses.get(response.status_code, 0) + 1
        if len(str(response.request.url)) > LONGEST_URL:
            return
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            for one in getattr(failure, "exceptions", [failure]):
                text = " ".join(str(one).split())[:300]
                found.add(f"{response.status_code}: {text}: {case.as_curl_command()[:400]}")


def bad_input(cloud: Cloud, outcome: Outcome) -> None:
    """Each case of the list: status, code, a sentence, a hint, no trace of our code."""
    team = cloud.must("GET", "/v1/me")["teams"][0]["id"]
    for case in CASES:
        path = case.path.replace("{team}", team)
        answer = cloud.api(case.method, path, case.body, raw=case.raw, headers=dict(case.headers))
        said = answer.content
        told = (answer.status, said.get("code"))
        outcome.expect(told == (case.status, case.code), f"{case.name}: {told}, {said}")
        detail = str(said.get("detail", ""))
        outcome.expect(
            len(detail) > 10 and "Traceback" not in json.dumps(said), f"{case.name}: {detail!r}"
        )
    outcome.figures["bad_inputs"] = len(CASES)
