"""The template's resources, created in the embedded AWS when somebody mentions them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from pql.dev.template import ACCOUNT, REGION, Template, TemplateFault

Attributes = dict[str, str]
# A resource is what `!Ref` means, what `!GetAtt` may ask, both known once it is created.
Resource = tuple[str, Attributes]

# Deployed, but without a part in the local world: nobody calls them.
PASSIVE = (
    "AWS::ApiGatewayV2::",
    "AWS::CloudWatch::",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Lambda::",
    "AWS::Logs::",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::LayerVersion",
)


class Resources:
    """Every resource of a template, created on its first mention and remembered.

    `secrets` are values that replace what the template would generate, by logical id.
    """

    def __init__(self, template: Template, client: Callable[[str], Any], secrets_: Mapping[str, str]) -> None:
        self._template = template
        self._client = client
        self._secrets = secrets_
        self._created: dict[str, Resource] = {}
        self._makers: dict[str, Callable[[str, dict[str, Any]], Resource]] = {
            "AWS::DynamoDB::Table": self._table,
            "AWS::S3::Bucket": self._bucket,
            "AWS::SNS::Subscription": self._subscription,
            "AWS::SNS::Topic": self._topic,
            "AWS::SQS::Queue": self._queue,
            "AWS::SecretsManager::Secret": self._secret,
            "AWS::Serverless::Function": self._function,
        }

    def create_all(self) -> None:
        """Create every resource that takes part; raises `TemplateFault` for an unknown type."""
        for name, resource in self._template.resources.items():
            if resource["Type"] in self._makers:
                self.ref(name)
            elif not resource["Type"].startswith(PASSIVE):
                raise TemplateFault(f"{name}: the local world cannot make an {resource['Type']}")

    def names(self) -> dict[str, str]:
        """Return the physical id of every resource that was created, by its name in the template."""
        return {
            name: physical
            for name, (physical, _) in self._created.items()
            if self._template.resources[name]["Type"] in self._makers
        }

    def ref(self, name: str) -> str:
        """Return the physical id of a resource: a queue's URL, a topic's ARN, a table's name."""
        return self._resource(name)[0]

    def attribute(self, name: str, attribute: str) -> str:
        """Return an attribute of a resource, such as its ARN."""
        attributes = self._resource(name)[1]
        if attribute not in attributes:
            raise TemplateFault(f"{name} has no attribute {attribute} in the local world")
        return attributes[attribute]

    def _resource(self, name: str) -> Resource:
        if name not in self._created:
            resource = self._template.resources.get(name)
            if resource is None:
                raise TemplateFault(f"the template mentions {name} and does not have it")
            make = self._makers.get(resource["Type"])
            self._created[name] = make(name, self._properties(resource)) if make else (name, {})
        return self._created[name]

    def _properties(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        if resource["Type"] == "AWS::Serverless::Function":
            return {}  # its policies and events mention resources that may mention it
        resolved: dict[str, Any] = self._template.resolve(dict(resource.get("Properties", {})), self)
        return resolved

    def _queue(self, name: str, properties: dict[str, Any]) -> Resource:
        attributes = {
            key: json.dumps(value) if isinstance(value, dict) else str(value)
            for key, value in properties.items()
            if key in {"VisibilityTimeout", "MessageRetentionPeriod", "RedrivePolicy"}
        }
        queue = properties.get("QueueName", f"pql-{name}")
        url = self._client("sqs").create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
        return url, {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}", "QueueName": queue, "QueueUrl": url}

    def _table(self, name: str, properties: dict[str, Any]) -> Resource:
        dynamodb = self._client("dynamodb")
        wanted: dict[str, Any] = {
            key: properties[key]
            for key in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
            if key in properties
        }
        if stream := properties.get("StreamSpecification"):
            wanted["StreamSpecification"] = {"StreamEnabled": True, **stream}
        table = properties.get("TableName", f"pql-{name}")
        made = dynamodb.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", **wanted)[
            "TableDescription"
        ]
        if ttl := properties.get("TimeToLiveSpecification"):
            dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=ttl)
        return table, {"Arn": made["TableArn"], "StreamArn": made.get("LatestStreamArn", "")}

    def _topic(self, name: str, properties: dict[str, Any]) -> Resource:
        arn = self._client("sns").create_topic(Name=properties.get("TopicName", f"pql-{name}"))["TopicArn"]
        return arn, {"TopicArn": arn, "TopicName": arn.rsplit(":", 1)[1]}

    def _subscription(self, name: str, properties: dict[str, Any]) -> Resource:
        if properties["Protocol"] != "sqs":
            return name, {}  # an e-mail address gets no mail from here
        attributes = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in properties.items()
            if key in {"FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"}
        }
        subscribed = self._client("sns").subscribe(
            TopicArn=properties["TopicArn"],
            Protocol="sqs",
            Endpoint=properties["Endpoint"],
            Attributes=attributes,
        )
        return subscribed["SubscriptionArn"], {}

    def _bucket(self, name: str, properties: dict[str, Any]) -> Resource:
        bucket = properties.get("BucketName", f"pql-{name.lower()}-{ACCOUNT}")
        self._client("s3").create_bucket(Bucket=bucket)
        return bucket, {"Arn": f"arn:aws:s3:::{bucket}"}

    def _secret(self, name: str, properties: dict[str, Any]) -> Resource:
        value = self._secrets.get(name) or properties.get("SecretString") or _generated(properties)
        secret = properties.get("Name", f"pql-{name}")
        arn = self._client("secretsmanager").create_secret(Name=secret, SecretString=value)["ARN"]
        return arn, {"Id": arn}

    def _function(self, name: str, _properties: dict[str, Any]) -> Resource:
        return f"pql-{name}", {"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pql-{name}"}


def _generated(properties: Mapping[str, Any]) -> str:
    wanted = properties.get("GenerateSecretString", {})
    value = secrets.token_urlsafe(32)[: int(wanted.get("PasswordLength", 32))]
    if "GenerateStringKey" not in wanted:
        return value
    template: dict[str, Any] = json.loads(wanted["SecretStringTemplate"])
    return json.dumps(template | {wanted["GenerateStringKey"]: value})
