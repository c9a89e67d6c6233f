"""What a person sees and is told: a dashboard, alarms, and what it may cost."""

from __future__ import annotations

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk import alarms, dashboard
from cdk.alarms import Alarm
from cdk.assets import Assets
from cdk.names import Names
from cdk.settings import Profile
from cdk.stack import DeckStack

BUDGET: dict[Profile, int] = {"hobby": 10, "standard": 100, "production": 1000}
"""Dollars a month that nobody should be surprised by."""


class ObservabilityStack(DeckStack):
    """Dashboard, alarms and the topic they speak to; with an e-mail address, mails and a budget."""

    def __init__(self, scope: Construct, what: str, names: Names, assets: Assets) -> None:
        super().__init__(scope, what, names, assets)
        dashboard.dashboard(self)
        topic = self._topic()
        for alarm in alarms.alarms(names):
            self._alarm(alarm, topic)
        if names.of.email:
            self._budget(names.of.email, BUDGET[names.of.profile])

    def _topic(self) -> sns.Topic:
        """Not encrypted by a key: CloudWatch cannot use SNS's own, and the mails hold no secret."""
        topic = sns.Topic(self, "alarms", topic_name=self.names.name("alarms"), enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={
                    "StringEquals": {"AWS:SourceAccount": self.names.of.account},
                    "ArnLike": {
                        "AWS:SourceArn": self.names.arn(
                            "cloudwatch", f"alarm:{self.names.of.prefix}-*"
                        )
                    },
                },
            )
        )
        if self.names.of.email:
            sns.Subscription(
                self,
                "mail",
                topic=topic,
                protocol=sns.SubscriptionProtocol.EMAIL,
                endpoint=self.names.of.email,
            )
        return topic

    def _alarm(self, alarm: Alarm, topic: sns.Topic) -> None:
        made = cloudwatch.Alarm(
            self,
            f"alarm-{alarm.what}",
            alarm_name=self.names.name(alarm.what),
            alarm_description=alarm.say,
            metric=alarm.metric,
            threshold=alarm.above,
            evaluation_periods=alarm.of,
            datapoints_to_alarm=alarm.of,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=alarms.missing_data(alarm),
        )
        made.add_alarm_action(actions.SnsAction(topic))

    def _budget(self, email: str, dollars: int) -> None:
        """Of the whole account: AWS knows costs by tag only after somebody switched that on."""
        of = budgets.CfnBudget
        whom = [of.SubscriberProperty(address=email, subscription_type="EMAIL")]
        budgets.CfnBudget(
            self,
            "budget",
            budget=of.BudgetDataProperty(
                budget_name=self.names.name("monthly"),
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=of.SpendProperty(amount=dollars, unit="USD"),
            ),
            notifications_with_subscribers=[
                of.NotificationWithSubscribersProperty(
                    notification=of.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=whom,
                )
                for kind, percent in (("ACTUAL", 80), ("FORECASTED", 100))
            ],
        )
