"""The API of CloudDeck: `CloudDeck().projects.list(team="acme")`, typed, standard library only."""

from clouddeck_client._client import CloudDeck
from clouddeck_client._pages import every
from clouddeck_client._problem import Problem

__all__ = ["CloudDeck", "Problem", "every"]
