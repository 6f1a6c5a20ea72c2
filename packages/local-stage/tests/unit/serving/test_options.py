"""What the stage is told at start is checked before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.errors import StartError
from local_stage.serving.options import StartOptions, read_environment_overrides

POOL_ARN = "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/ap-northeast-1_AbCdEfGhI"


@pytest.mark.parametrize(
    "region", ["ap-northeast-1", "us-east-1", "eu-central-2", "ap-southeast-7", "il-central-1"]
)
def test_a_region_of_the_partition_aws_is_taken(region: str) -> None:
    assert StartOptions(region=region).region == region


@pytest.mark.parametrize(
    "region",
    ["", "tokyo", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "ap-northeast-1a", "ap-northeast-1\n"],
)
def test_any_other_region_is_refused(region: str) -> None:
    with pytest.raises(StartError, match=r"^--region "):
        StartOptions(region=region)


@pytest.mark.parametrize("name", ["hello-api", "H", "a" * 128])
def test_a_stack_name_of_cloudformations_form_is_taken(name: str) -> None:
    assert StartOptions(stack_name=name).stack_name == name


@pytest.mark.parametrize("name", ["", "1a", "-a", "a_b", "a/b", "a" * 129, "a\n"])
def test_any_other_stack_name_is_refused(name: str) -> None:
    with pytest.raises(StartError, match=r"^--stack-name "):
        StartOptions(stack_name=name)


def test_api_and_local_aws_cannot_share_a_port() -> None:
    with pytest.raises(StartError, match=r"^--aws-port 3000: the API listens there; pass another one$"):
        StartOptions(aws_port=3000)


@pytest.mark.parametrize("port", [3000, 4566])
def test_the_debugger_cannot_share_a_port(port: int) -> None:
    with pytest.raises(StartError, match=rf"^--debug {port}: the stage listens there; pass another one$"):
        StartOptions(debug_port=port)


@pytest.mark.parametrize("concurrency", [None, 1])
def test_a_debugged_function_has_one_environment(concurrency: int | None) -> None:
    assert StartOptions(debug_port=5678, concurrency=concurrency).debug_port == 5678


def test_a_debugged_function_cannot_have_more() -> None:
    with pytest.raises(StartError, match=r"^--concurrency: a function that is debugged has one "):
        StartOptions(debug_port=5678, concurrency=2)


def test_both_may_take_any_free_port() -> None:
    assert StartOptions(port=0, aws_port=0).aws_port == 0


def test_a_user_pools_arn_is_taken() -> None:
    assert StartOptions(user_pool_arn=POOL_ARN).user_pool_arn == POOL_ARN


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "ap-northeast-1_AbCdEfGhI",
        POOL_ARN.replace("ap-northeast-1_", "us-east-1_"),
        POOL_ARN.replace("arn:aws:", "arn:aws-iso:"),
        POOL_ARN.replace("cognito-idp", "cognito-identity"),
        POOL_ARN + "/",
    ],
)
def test_any_other_arn_is_refused(arn: str) -> None:
    with pytest.raises(StartError, match=r"^--user-pool-arn: "):
        StartOptions(user_pool_arn=arn)


def overrides(folder: Path, text: str | bytes) -> dict[str, dict[str, str]]:
    file = folder / "env.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_environment_overrides(file)


def test_variables_are_read_by_function(tmp_path: Path) -> None:
    text = '{"HelloFunction": {"TABLE": "t"}, "Parameters": {"LEVEL": "DEBUG"}}'
    assert overrides(tmp_path, text) == {"HelloFunction": {"TABLE": "t"}, "Parameters": {"LEVEL": "DEBUG"}}


@pytest.mark.parametrize(
    ("value", "text"), [("1", "1"), ("1.5", "1.5"), ("true", "true"), ("false", "false"), ("null", "")]
)
def test_other_values_become_the_text_that_sam_cli_makes_of_them(
    tmp_path: Path, value: str, text: str
) -> None:
    assert overrides(tmp_path, f'{{"F": {{"A": {value}}}}}') == {"F": {"A": text}}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be read as JSON: "),
        ("{", "cannot be read as JSON: "),
        (b"\xff", "is not UTF-8 text"),
        ("[]", "is not of the form "),
        ('"text"', "is not of the form "),
        ('{"NAME": "value"}', "is not of the form "),
        ('{"F": ["NAME"]}', "is not of the form "),
        ('{"F": {"LIST": [1]}}', "F.LIST: is neither text nor number"),
        ('{"F": {"MAP": {}}}', "F.MAP: is neither text nor number"),
    ],
)
def test_a_file_of_another_form_is_named_with_what_is_wrong(
    tmp_path: Path, text: str | bytes, why: str
) -> None:
    with pytest.raises(StartError) as caught:
        overrides(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'env.json'}: {why}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nowhere\.json: cannot be read: No such file or directory$"):
        read_environment_overrides(tmp_path / "nowhere.json")
