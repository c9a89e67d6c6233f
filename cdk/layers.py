"""Libraries that functions share. Every stack has its own copy.

A layer of another stack could never be replaced while this one uses it.
"""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_lambda as lambda_

from cdk.stack import DeckStack


def layer(stack: DeckStack, name: str) -> lambda_.ILayerVersion:
    """The layer of a name in this stack, made at its first use."""
    found = stack.node.try_find_child(f"layer-{name}")
    if found is not None:
        assert isinstance(found, lambda_.LayerVersion)
        return found
    of = stack.names.of
    return lambda_.LayerVersion(
        stack,
        f"layer-{name}",
        layer_version_name=stack.names.name(f"{stack.node.id}-{name}"),
        description=f"Libraries of CloudDeck's functions: {name}",
        code=lambda_.Code.from_asset(str(stack.assets.layers[name])),
        compatible_runtimes=[runtime(of.python)],
        compatible_architectures=[architecture(of.architecture)],
        removal_policy=RemovalPolicy.DESTROY,
    )


def runtime(python: str) -> lambda_.Runtime:
    """Lambda's name of a Python version such as `3.13`."""
    return lambda_.Runtime(f"python{python}", lambda_.RuntimeFamily.PYTHON)


def architecture(name: str) -> lambda_.Architecture:
    """Lambda's architecture of a name."""
    return lambda_.Architecture.ARM_64 if name == "arm64" else lambda_.Architecture.X86_64
