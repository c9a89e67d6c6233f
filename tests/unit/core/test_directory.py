"""The merge of shards against a plain sorted list."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core import directory
from chalicelib.identity.rows import UserRow


class Index:
    """The second index, as DynamoDB answers a query of one partition."""

    def __init__(self, orders):
        self.rows = [
            UserRow(f"USER#{n}", gsi2pk=directory.shard("K", str(n)), gsi2sk=order)
            for n, order in enumerate(orders)
        ]

    def query(self, pk, condition, limit):
        low, high = (value.value["S"] for value in condition.values[1:])
        found = [r for r in self.rows if r.gsi2pk == pk and low <= r.gsi2sk <= high]
        return sorted(found, key=lambda r: r.gsi2sk)[:limit]


texts = st.lists(st.text("abc@.", min_size=1, max_size=6), unique=True, max_size=60)


@given(texts, st.integers(1, 7), st.text("abc", max_size=2))
@settings(max_examples=200, deadline=None)
def test_pages_are_the_whole_list_in_order(orders, limit, prefix):
    kept, UserRow.by2 = UserRow.by2, Index(orders)
    try:
        found, after = [], ""
        while True:
            page = directory.page(UserRow, "K", limit=limit, after=after, prefix=prefix)
            found += [row.gsi2sk for row in page]
            if len(page) < limit:
                break
            after = page[-1].gsi2sk
    finally:
        UserRow.by2 = kept
    assert found == sorted(order for order in orders if order.startswith(prefix))
