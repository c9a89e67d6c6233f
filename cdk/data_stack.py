"""What must not be lost: tables, buckets and keys."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk import backups, parameters
from cdk.assets import Assets
from cdk.names import Names
from cdk.settings import EDGE_REGION
from cdk.stack import DeckStack
from chalicelib import resources
from chalicelib.resources import Bucket


class DataStack(DeckStack):
    """Tables `core events usage`, the buckets of `resources.BUCKETS`, two keys."""

    def __init__(self, scope: Construct, what: str, names: Names, assets: Assets) -> None:
        super().__init__(scope, what, names, assets)
        self._production = names.of.profile == "production"
        self._removal = RemovalPolicy.RETAIN if names.of.keep_data else RemovalPolicy.DESTROY
        data_key = self._data_key()
        self._signing_key()
        tables = {name: self._table(name, data_key) for name in resources.TABLES}
        parameters.publish(self, "core-stream", tables["core"].table_stream_arn or "")
        self._buckets()
        if self._production:
            backups.plan(self, tables.values())

    def _buckets(self) -> None:
        specs = {spec.name: spec for spec in resources.BUCKETS}
        logs = self._bucket(specs.pop("logs"), None)
        for spec in specs.values():
            self._bucket(spec, logs if self._production else None)

    def _data_key(self) -> kms.Key:
        """Encrypts variables and build tokens; in production the tables as well."""
        key = kms.Key(
            self,
            "data-key",
            alias=f"alias/{self.names.name('data')}",
            description=f"Variables and build tokens of CloudDeck {self.names.of.prefix}",
            enable_key_rotation=True,
            removal_policy=self._removal,
        )
        if self._production:
            key.add_to_resource_policy(self._through_dynamodb())
        parameters.publish(self, "data-key", key.key_arn)
        return key

    def _through_dynamodb(self) -> iam.PolicyStatement:
        """Whoever may use a table may have it decrypted, as with DynamoDB's own keys.

        DynamoDB uses the key in the name of its caller; without this every role would need the
        key for itself, and could decrypt variables with it.
        """
        return iam.PolicyStatement(
            sid="ThroughDynamoDB",
            principals=[iam.AnyPrincipal()],
            actions=[
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:CreateGrant",
                "kms:DescribeKey",
            ],
            resources=["*"],  # in a key's policy: this key
            conditions={
                "StringEquals": {
                    "kms:CallerAccount": self.names.of.account,
                    "kms:ViaService": f"dynamodb.{self.names.of.region}.amazonaws.com",
                }
            },
        )

    def _signing_key(self) -> None:
        """Signs access tokens (ES256)."""
        key = kms.Key(
            self,
            "signing-key",
            alias=f"alias/{self.names.name('signing')}",
            description=f"Access tokens of CloudDeck {self.names.of.prefix}",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=self._removal,
        )
        parameters.publish(self, "signing-key", key.key_arn)

    def _table(self, name: str, key: kms.Key) -> dynamodb.TableV2:
        """On demand, restorable to every second of 35 days.

        A key of ours on the table is for those who must be able to take it away; it costs a
        call to KMS every few minutes, and everybody else is served by DynamoDB's own.
        """
        own = dynamodb.TableEncryptionV2.customer_managed_key(key)
        text = dynamodb.AttributeType.STRING
        return dynamodb.TableV2(
            self,
            f"table-{name}",
            table_name=self.names.name(name),
            partition_key=dynamodb.Attribute(name="pk", type=text),
            sort_key=dynamodb.Attribute(name="sk", type=text),
            global_secondary_indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=index,
                    partition_key=dynamodb.Attribute(name=partition, type=text),
                    sort_key=dynamodb.Attribute(name=sort, type=text),
                )
                for index, partition, sort in resources.INDEXES[name]
            ],
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            dynamo_stream=(
                dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
                if any(stream.table == name for stream in resources.STREAMS)
                else None
            ),
            encryption=(own if self._production else dynamodb.TableEncryptionV2.dynamo_owned_key()),
            deletion_protection=self.names.of.keep_data,
            removal_policy=self._removal,
        )

    def _bucket(self, spec: Bucket, access_logs: s3.IBucket | None) -> s3.Bucket:
        """Private, encrypted, TLS only; what expires says `resources.BUCKETS`."""
        bucket = s3.Bucket(
            self,
            f"bucket-{spec.name}",
            bucket_name=self.names.bucket(spec.name),
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=self._production and spec.name == "sites",
            lifecycle_rules=lifecycle(spec),
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"s3/{spec.name}/" if access_logs else None,
            cors=_CORS if spec.name in {"sites", "sources"} else None,
            removal_policy=self._removal,
        )
        if spec.name in _SHOWN:
            bucket.add_to_resource_policy(self._visitors(bucket, _SHOWN[spec.name]))
        if spec.name == "logs":
            bucket.add_to_resource_policy(self._deliveries(bucket))
            made = bucket.node.default_child
            assert isinstance(made, s3.CfnBucket)
            # a file of the access log is an event; CDK would make a function to say so
            made.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                    event_bridge_enabled=True
                )
            )
        return bucket

    def _visitors(self, bucket: s3.Bucket, shown: str) -> iam.PolicyStatement:
        """CloudFront reads what is shown, for the distributions of this account.

        Their ARN says whose they are. It is the one key that AWS promises for such a request:
        a condition on another one might never hold, and every visitor would be refused.
        """
        return iam.PolicyStatement(
            sid="Visitors",
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects(shown)],
            conditions={"ArnLike": {"AWS:SourceArn": self.names.distribution_arn("*")}},
        )

    def _deliveries(self, bucket: s3.Bucket) -> iam.PolicyStatement:
        """CloudFront's access logs arrive through CloudWatch's deliveries of this account."""
        sources = self.names.arn("logs", "delivery-source:*", region=EDGE_REGION)
        return iam.PolicyStatement(
            sid="AccessLogs",
            principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
            conditions={
                "StringEquals": {
                    "AWS:SourceAccount": self.names.of.account,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                },
                "ArnLike": {"AWS:SourceArn": sources},
            },
        )


_SHOWN = {"sites": "blobs/*", "console": "*"}
"""Bucket -> what CloudFront may read in it."""

_CORS = [
    s3.CorsRule(
        allowed_methods=[s3.HttpMethods.PUT],
        allowed_origins=["https://*"],
        allowed_headers=["*"],
        max_age=3000,
    )
]
"""A console uploads straight into the store. Only who has a signed address can, so the page that
asks need not be known here."""


def lifecycle(spec: Bucket) -> list[s3.LifecycleRule]:
    """Uploads that broke off end after a day, everything else as `resources.BUCKETS` says."""
    rules = [
        s3.LifecycleRule(
            id="broken-uploads",
            abort_incomplete_multipart_upload_after=Duration.days(1),
            noncurrent_version_expiration=Duration.days(30),
        )
    ]
    for prefix, days in spec.expire.items():
        rules.append(
            s3.LifecycleRule(
                id=f"expire-{prefix.strip('/') or 'all'}",
                prefix=prefix or None,
                expiration=Duration.days(days),
            )
        )
    return rules
