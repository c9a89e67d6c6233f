"""Which route of a slug counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edge.rules.routes import replaces
from chalicelib.ports import SiteRoute

routes = st.builds(
    SiteRoute,
    site=st.sampled_from(["prj_a", "prj_b", "prj_c"]),
    team=st.just("team_x"),
    slug=st.just("s"),
    production=st.none(),
    generation=st.integers(0, 4),
    gone=st.booleans(),
)


@given(st.lists(routes, min_size=1, max_size=12), st.randoms())
def test_any_order_of_arrival_ends_on_the_same_place(told: list[SiteRoute], chance) -> None:
    def end(order: list[SiteRoute]) -> tuple[str, int]:
        kept = order[0]
        for route in order[1:]:
            kept = route if replaces(route, kept) else kept
        return kept.site, kept.generation

    shuffled = list(told)
    chance.shuffle(shuffled)
    assert end(told) == end(shuffled) == max((r.site, r.generation) for r in told)
