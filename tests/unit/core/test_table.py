"""The table: reading several kinds at once, transactions that cross."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pynamodb.exceptions import TransactWriteError

from chalicelib.core import secret, table
from chalicelib.identity.rows import UniqueRow, UserRow, new_user, unique
from chalicelib.teams.rows import MemberRow, new_member
from tests.fakes import FakeKeys
from tests.fakes.counting import database_calls


def test_find_mixed_reads_kinds_in_order_at_once(database):
    new_user("u", "a@b.c", "A", None, "t").save()
    new_member("t", "u", "owner").save()
    with database_calls() as calls:
        found = table.find_mixed(
            [
                (MemberRow, "TEAM#t", "MEMBER#u"),
                (MemberRow, "TEAM#t", "MEMBER#nobody"),
                (UserRow, "USER#u", "PROFILE"),
                (UserRow, "USER#u", "PROFILE"),
            ]
        )
    assert calls == ["BatchGetItem"]
    assert [type(row).__name__ for row in found] == ["MemberRow", "NoneType", "UserRow", "UserRow"]
    assert found[0].role == "owner"
    assert table.find_mixed([]) == []


def test_a_lost_condition_in_a_transaction_is_seen(database):
    unique("email", "x", "1").save()
    with pytest.raises(TransactWriteError) as found, table.write() as transaction:
        transaction.save(unique("email", "x", "2"), condition=UniqueRow.pk.does_not_exist())
    assert table.lost_condition(found.value)
    assert not table.out_of_reach(found.value)


def test_one_of_many_wins(database):
    def claim(number):
        try:
            with table.write() as transaction:
                transaction.save(
                    unique("email", "x", str(number)), condition=UniqueRow.pk.does_not_exist()
                )
        except TransactWriteError as error:
            if not table.lost_condition(error):
                raise
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(24))) == 1


def test_shared_secret_is_one(database):
    keys = FakeKeys()
    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(lambda _: secret.shared("s", keys), range(12)))
    assert len(found) == 1
    assert secret.shared("other", keys) not in found
    assert next(iter(found)).hex() not in repr(database.scan(TableName="test-core")["Items"])
