"""One suite of what a person does over the API, for every host that answers it.

Without settings it starts an embedded cloud and asks, one after the other: its own gateway, the
container of Cloud Run, the Functions Framework, and the function app of Azure. The three others
use the embedded cloud's database, store and state machines, so deployments really run.

Against an installation that is already there:

    ACCEPTANCE_API=https://... ACCEPTANCE_EMAIL=... ACCEPTANCE_PASSWORD=... \\
    ACCEPTANCE_EDGE=https://... python -m pytest tests/acceptance

ACCEPTANCE_API is the address before `/v1`; ACCEPTANCE_EDGE is asked for the sites by their Host
header, `-` means that sites have addresses of their own, and without it serving is passed over.
"""
