"""What a deployment is made of, what is known against it, who signed it, how to do better."""

from __future__ import annotations

from chalicelib.core.http import PUBLIC, Call
from chalicelib.supply.actions import read, signing
from chalicelib.supply.routes.blueprint import routes
from chalicelib.supply.routes.shapes import (
    AdviceList,
    AdviceView,
    BillView,
    EnvelopeView,
    KeysView,
    KeyView,
    VulnerabilitiesView,
    plain,
)


@routes.get(
    "/deployments/{deployment}/sbom",
    permission="deployment.read",
    scope="deployment",
    answer=BillView,
)
def show_bill(call: Call) -> BillView:
    """The bill of materials, as CycloneDX 1.6."""
    return BillView(**read.bill(call.scope))


@routes.get(
    "/deployments/{deployment}/vulnerabilities",
    permission="deployment.read",
    scope="deployment",
    answer=VulnerabilitiesView,
)
def show_vulnerabilities(call: Call) -> VulnerabilitiesView:
    """What is known today against the packages of a deployment."""
    return VulnerabilitiesView.model_validate(read.vulnerabilities(call.scope))


@routes.get(
    "/deployments/{deployment}/attestation",
    permission="deployment.read",
    scope="deployment",
    answer=EnvelopeView,
)
def show_attestation(call: Call) -> EnvelopeView:
    """The signed statement of where a deployment comes from."""
    return EnvelopeView.model_validate(read.attestation(call.scope))


@routes.get(
    "/deployments/{deployment}/advice",
    permission="deployment.read",
    scope="deployment",
    answer=AdviceList,
)
def show_advice(call: Call) -> AdviceList:
    """What would make builds quicker and the site smaller."""
    return AdviceList(items=[AdviceView(**plain(advice)) for advice in read.advice(call.scope)])


@routes.get("/attestation-keys", permission=PUBLIC, answer=KeysView)
def show_keys(_call: Call) -> tuple[KeysView, dict[str, str]]:
    """The public keys of signed statements, those of the past among them."""
    found = KeysView(keys=[KeyView(**key) for key in signing.public_keys()])
    return found, {"Cache-Control": "public, max-age=300"}
