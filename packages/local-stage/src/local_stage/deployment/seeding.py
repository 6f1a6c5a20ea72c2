"""Fills tables and buckets of the local AWS with a file's data; what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from local_stage.cloudformation.aws_refusal import AwsRefusalError, explaining_refusals
from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.deployment.seed_file import Seed, SeedItem, SeedObject
from local_stage.errors import UsageError

_TABLE_TYPES: Final = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable")
_BUCKET_TYPES: Final = ("AWS::S3::Bucket",)
_THERE_ALREADY: Final = "ConditionalCheckFailedException"
_NOT_THERE: Final = frozenset({"404", "NoSuchKey", "NotFound"})


def seed_stack(stack: DeployedStack, seed: Seed) -> int:
    """Put what is not there yet by its key, and return how many items and objects are new.

    Raises UsageError for a table or bucket that the stack does not have, and AwsRefusalError for what the
    local AWS refuses, both with file, line, table or bucket, and key.
    """
    seeding = _Seeding(stack)
    new_items = sum(map(seeding.put_item, seed.items))
    return new_items + sum(map(seeding.put_object, seed.objects))


class _Seeding:
    def __init__(self, stack: DeployedStack) -> None:
        self._dynamodb, self._s3 = stack.client("dynamodb"), stack.client("s3")
        resources = stack.find_resources()
        self._tables = {one.logical_id: one.physical_id for one in resources if one.kind in _TABLE_TYPES}
        self._buckets = {one.logical_id: one.physical_id for one in resources if one.kind in _BUCKET_TYPES}
        self._keys: dict[str, tuple[str, ...]] = {}

    def put_item(self, entry: SeedItem) -> bool:
        """Put an item unless there is one of its key."""
        from boto3.dynamodb.types import TypeSerializer  # noqa: PLC0415 - slow to import

        table = _find_name(self._tables, entry.place, entry.table, "table")
        keys = self._find_keys(table)
        for name in keys:
            if name not in entry.item:
                raise UsageError(
                    "is a key of the table, and the item has none", file=entry.place,
                    resource=entry.table, property_path=name,
                )  # fmt: skip
        written = ", ".join(f"{name} {entry.item[name]}" for name in keys)
        with _naming(entry.place, entry.table, written):
            item = {name: TypeSerializer().serialize(value) for name, value in entry.item.items()}
            return self._put_new(table, item, keys[0])

    def _put_new(self, table: str, item: Mapping[str, Any], key: str) -> bool:
        condition = {
            "ConditionExpression": "attribute_not_exists(#k)",
            "ExpressionAttributeNames": {"#k": key},
        }
        try:
            with explaining_refusals():
                self._dynamodb.put_item(TableName=table, Item=item, **condition)
        except AwsRefusalError as error:
            if error.code != _THERE_ALREADY:
                raise
            return False
        return True

    def _find_keys(self, table: str) -> tuple[str, ...]:
        if table not in self._keys:
            with explaining_refusals():
                schema = self._dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
            self._keys[table] = tuple(one["AttributeName"] for one in schema)
        return self._keys[table]

    def put_object(self, entry: SeedObject) -> bool:
        """Put an object unless there is one of its key."""
        bucket = _find_name(self._buckets, entry.place, entry.bucket, "bucket")
        with _naming(entry.place, entry.bucket, entry.key):
            if self._has(bucket, entry.key):
                return False
            with explaining_refusals():
                self._s3.put_object(Bucket=bucket, Key=entry.key, Body=entry.body)
        return True

    def _has(self, bucket: str, key: str) -> bool:
        try:
            with explaining_refusals():
                self._s3.head_object(Bucket=bucket, Key=key)
        except AwsRefusalError as error:
            if error.code not in _NOT_THERE:
                raise
            return False
        return True


def _find_name(known: Mapping[str, str], place: str, name: str, kind: str) -> str:
    if name in known:
        return known[name]
    if name in known.values():
        return name
    there = ", ".join(sorted(known)) or "none"
    raise UsageError(f"is no {kind} of the stack; it has {there}", file=place, resource=name)


@contextmanager
def _naming(place: str, resource: str, key: str) -> Iterator[None]:
    try:
        yield
    except AwsRefusalError as error:
        error.file, error.resource, error.property_path = place, resource, key
        raise
    except TypeError as error:  # a value that no table holds
        raise UsageError(str(error), file=place, resource=resource, property_path=key) from None
