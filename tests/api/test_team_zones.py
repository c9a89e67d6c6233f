"""A team that keeps DNS zones stays, and none is kept for a team that goes."""

from __future__ import annotations

import pytest

from chalicelib.domains.rows import zones


@pytest.fixture
def team(owner):
    return owner.client.post("/v1/teams", {"name": "Rockets"}).json()["id"]


def test_a_team_with_zones_stays(owner, team):
    path = f"/v1/teams/{team}"
    assert owner.client.post(f"{path}/zones", {"name": "example.com"}).status == 201
    refused = owner.client.delete(path)
    assert (refused.status, refused.code) == (409, "team_not_empty")
    assert "zones" in refused.json()["detail"]
    assert owner.client.delete(f"{path}/zones/example.com").status == 204
    assert owner.client.delete(path).status == 204


def test_no_zone_is_kept_for_a_team_that_goes(services, owner, team, monkeypatch):
    claim = zones.claim

    def late(*wanted):
        assert owner.client.delete(f"/v1/teams/{team}").status == 204
        return claim(*wanted)

    monkeypatch.setattr(zones, "claim", late)
    refused = owner.client.post(f"/v1/teams/{team}/zones", {"name": "example.com"})
    assert (refused.status, refused.code) == (404, "team_not_found")
    assert services.zones.zones == {}
    assert zones.of_team(team) == []
