"""Tables, buckets, keys: kept, closed, encrypted."""

from __future__ import annotations

import json

from chalicelib import resources
from tests.infra.stacks import Stacks

TABLE, BUCKET, KEY = "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key"


def test_tables_are_those_of_the_resources_with_their_indexes(made: Stacks) -> None:
    tables = made.named(TABLE, "TableName")
    assert set(tables) == {made.names.name(name) for name in resources.TABLES}
    for name in resources.TABLES:
        table = tables[made.names.name(name)]
        keys = [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]]
        assert keys == [("pk", "HASH"), ("sk", "RANGE")]
        indexes = [
            (index["IndexName"], *(key["AttributeName"] for key in index["KeySchema"]))
            for index in table.get("GlobalSecondaryIndexes", [])
        ]
        assert indexes == list(resources.INDEXES[name])
        for index in table.get("GlobalSecondaryIndexes", []):
            assert index["Projection"] == {"ProjectionType": "ALL"}


def test_tables_are_on_demand_restorable_protected_and_forget_by_ttl(made: Stacks) -> None:
    for table in made.every(TABLE):
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        for replica in table["Replicas"]:
            recovery = replica["PointInTimeRecoverySpecification"]
            assert recovery["PointInTimeRecoveryEnabled"] is True
            assert replica["DeletionProtectionEnabled"] is True


def test_only_tables_that_somebody_follows_have_a_stream(made: Stacks) -> None:
    followed = {made.names.name(stream.table) for stream in resources.STREAMS}
    for name, table in made.named(TABLE, "TableName").items():
        view = table.get("StreamSpecification", {}).get("StreamViewType")
        assert view == ("NEW_AND_OLD_IMAGES" if name in followed else None)


def test_only_production_encrypts_tables_with_a_key_of_its_own(made: Stacks) -> None:
    for table in made.every(TABLE):
        own = table["SSESpecification"]["SSEEnabled"]
        assert own is (made.profile == "production")
    policies = json.dumps(made.every(KEY, "data"))
    assert ("ThroughDynamoDB" in policies) is (made.profile == "production")


def test_nothing_that_holds_data_goes_with_the_stack(made: Stacks) -> None:
    for kind in (TABLE, BUCKET, KEY, "AWS::Backup::BackupVault"):
        for where, resource in made.found(kind, "data"):
            assert resource["DeletionPolicy"] == "Retain", where
            assert resource["UpdateReplacePolicy"] == "Retain", where


def test_buckets_are_private_encrypted_and_the_owners(made: Stacks) -> None:
    buckets = made.named(BUCKET, "BucketName", "data")
    assert set(buckets) == {made.names.bucket(bucket.name) for bucket in resources.BUCKETS}
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert [r["ServerSideEncryptionByDefault"]["SSEAlgorithm"] for r in rules] == ["AES256"]
        owners = bucket["OwnershipControls"]["Rules"]
        assert owners == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_every_bucket_refuses_what_is_not_tls(made: Stacks) -> None:
    policies = made.every("AWS::S3::BucketPolicy", "data")
    assert len(policies) == len(resources.BUCKETS)
    for policy in policies:
        refused = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        conditions = [statement["Condition"] for statement in refused]
        assert {"Bool": {"aws:SecureTransport": "false"}} in conditions
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in conditions


def test_strangers_reach_buckets_as_cloudfront_or_as_a_writer_of_logs(made: Stacks) -> None:
    allowed = [
        statement
        for policy in made.every("AWS::S3::BucketPolicy", "data")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    logging = {"logging.s3.amazonaws.com"} if made.profile == "production" else set()
    services = {statement["Principal"]["Service"] for statement in allowed}
    assert services == {"cloudfront.amazonaws.com", "delivery.logs.amazonaws.com"} | logging
    account = made.names.of.account
    visitors = [s for s in allowed if s["Principal"]["Service"] == "cloudfront.amazonaws.com"]
    shown = sorted(json.dumps(statement["Resource"]).count("/blobs/*") for statement in visitors)
    assert shown == [0, 1]  # the whole of the console, and of the sites the blobs
    for statement in visitors:
        assert statement["Action"] == "s3:GetObject"
        # CloudFront is known to say this and nothing else of who asks
        assert statement["Condition"] == {
            "ArnLike": {"AWS:SourceArn": f"arn:aws:cloudfront::{account}:distribution/*"}
        }
    for statement in (s for s in allowed if s not in visitors):
        conditions = statement["Condition"]["StringEquals"]
        assert account in {conditions.get("AWS:SourceAccount"), conditions.get("aws:SourceAccount")}


def test_objects_expire_as_the_resources_say(made: Stacks) -> None:
    buckets = made.named(BUCKET, "BucketName", "data")
    for spec in resources.BUCKETS:
        rules = buckets[made.names.bucket(spec.name)]["LifecycleConfiguration"]["Rules"]
        assert all(rule["Status"] == "Enabled" for rule in rules)
        expiring = {
            r.get("Prefix", ""): r["ExpirationInDays"] for r in rules if "ExpirationInDays" in r
        }
        assert expiring == spec.expire
        broken = [r.get("AbortIncompleteMultipartUpload") for r in rules if "Prefix" not in r]
        assert {"DaysAfterInitiation": 1} in broken


def test_production_keeps_versions_of_sites_and_backs_tables_up(made: Stacks) -> None:
    sites = made.named(BUCKET, "BucketName", "data")[made.names.bucket("sites")]
    production = made.profile == "production"
    assert ("VersioningConfiguration" in sites) is production
    rules = [
        rule["RuleName"]
        for plan in made.every("AWS::Backup::BackupPlan")
        for rule in plan["BackupPlan"]["BackupPlanRule"]
    ]
    assert rules == (["nightly", "monthly"] if production else [])
    for selection in made.every("AWS::Backup::BackupSelection"):
        assert len(selection["BackupSelection"]["Resources"]) == len(resources.TABLES)


def test_one_key_encrypts_and_turns_and_one_signs(made: Stacks) -> None:
    aliases = {alias["AliasName"] for alias in made.every("AWS::KMS::Alias", "data")}
    assert aliases == {f"alias/{made.names.name(what)}" for what in ("data", "signing")}
    data, signing = made.every(KEY, "data")
    assert data["EnableKeyRotation"] is True
    assert "KeySpec" not in data
    assert (signing["KeySpec"], signing["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
