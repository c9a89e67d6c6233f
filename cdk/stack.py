"""What all stacks have in common: their name, account, region, tags and order."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from cdk.assets import Assets
from cdk.names import Names
from cdk.settings import EDGE_REGION


class DeckStack(cdk.Stack):
    """A stack of one installation, named `<prefix>-<what>`."""

    def __init__(self, scope: Construct, what: str, names: Names, assets: Assets) -> None:
        super().__init__(
            scope,
            what,
            stack_name=names.stack(what),
            env=cdk.Environment(
                account=names.of.account,
                region=EDGE_REGION if what == "edge" else names.of.region,
            ),
            termination_protection=what == "data" and names.of.keep_data,
            description=f"CloudDeck {names.of.prefix}: {what}",
        )
        self.names = names
        self.assets = assets
        cdk.Tags.of(self).add("clouddeck", names.of.prefix)
