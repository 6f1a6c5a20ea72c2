"""`start` reads SAM CLI's configuration and takes the names of its options."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from local_stage.cli import main
from local_stage.commands.arguments import read_pairs
from local_stage.commands.sam_config import apply_sam_config, find_template
from local_stage.errors import UsageError

TOML = """
version = 0.1
[default.global.parameters]
region = "eu-west-1"
template_file = "infra/app.yaml"
[default.local_start_api.parameters]
parameter_overrides = "Stage=dev Origin=\\"http://a b\\""
port = "8080"
[default.deploy.parameters]
parameter_overrides = "Stage=deployed"
[prod.local_start_api.parameters]
parameter_overrides = ["Stage=prod", "ParameterKey=Origin,ParameterValue=x"]
"""
YAML = """
version: 0.1
default:
  local_start_api:
    parameters: {parameter_overrides: {Stage: yaml, Names: [a, b]}, env_vars: env.json}
"""


def options(**given: object) -> argparse.Namespace:
    names = ("template", "config_file", "config_env", "port", "region", "env_vars", "host", "user_pool_arn")
    unset: dict[str, object] = {"parameter_overrides": [], "stand_in_pool": False, **dict.fromkeys(names)}
    return argparse.Namespace(**{**unset, **given})


def configure(folder: Path, **given: object) -> argparse.Namespace:
    configured = options(template=None, **given)
    configured.config_file = configured.config_file or folder / "samconfig.toml"
    apply_sam_config(configured)
    return configured


def test_the_configuration_stands_in_for_what_no_option_says(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(TOML)
    read = configure(tmp_path)
    assert read_pairs(read.parameter_overrides) == {"Stage": "dev", "Origin": "http://a b"}
    assert (read.port, read.region, read.template) == (8080, "eu-west-1", Path("infra/app.yaml"))


def test_an_option_wins_over_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(TOML)
    read = configure(tmp_path, parameter_overrides=[["Stage=own"]], port=1, region="us-east-1")
    assert read_pairs(read.parameter_overrides) == {"Stage": "own"}
    assert (read.port, read.region) == (1, "us-east-1")


def test_another_environment_is_read_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(TOML)
    read = configure(tmp_path, config_env="prod")
    assert read_pairs(read.parameter_overrides) == {"Stage": "prod", "Origin": "x"}
    with pytest.raises(UsageError, match="has no environment test"):
        configure(tmp_path, config_env="test")


def test_the_configuration_beside_the_template_may_be_yaml(tmp_path: Path) -> None:
    (tmp_path / "samconfig.yaml").write_text(YAML)
    read = options(template=tmp_path / "template.yaml")
    apply_sam_config(read)
    assert read_pairs(read.parameter_overrides) == {"Stage": "yaml", "Names": "a,b"}
    assert read.env_vars == Path("env.json")


@pytest.mark.parametrize(
    ("text", "why"),
    [("[default", "cannot be read: "), ('[default.global.parameters]\nport = "x"', "port: 'x' is no port")],
)
def test_a_configuration_that_cannot_be_read_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "samconfig.toml").write_text(text)
    with pytest.raises(UsageError, match=why):
        configure(tmp_path)


def test_a_configuration_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        configure(tmp_path, config_file=tmp_path / "other.toml")


@pytest.mark.parametrize("name", ["template.yaml", "template.yml", "template.json"])
def test_a_template_has_one_of_three_names(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    assert find_template(tmp_path) == tmp_path / name


@pytest.mark.parametrize(
    "given",
    [
        ["A=1", "B=x y"],
        ["ParameterKey=A,ParameterValue=1", "ParameterKey=B,ParameterValue=x y"],
        ["A=1 B='x y'"],
    ],
)
def test_overrides_are_taken_in_the_forms_of_sam_cli(given: list[str]) -> None:
    assert read_pairs([given]) == {"A": "1", "B": "x y"}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (
            ["--docker-network", "x"],
            "--docker-network of `sam local start-api` means nothing here: there is no",
        ),
        (["--disable-authorizer"], "means nothing here: authorizers are always enforced; leave it out"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_an_option_that_means_nothing_here_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["start", *arguments])
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


def test_the_stage_listens_on_this_machine_alone_or_on_every_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["start", "--template", str(tmp_path / "t.yaml"), "--host", "192.168.1.5"]) == 2
    told = capsys.readouterr().err
    assert "--host 192.168.1.5: the stage listens on 127.0.0.1, or everywhere; pass 0.0.0.0" in told


@pytest.mark.parametrize("name", ["http://phone.example", "phone.example:3000", "*", "", "a/b"])
def test_a_name_to_allow_is_a_name_alone(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["start", "--template", str(tmp_path / "t.yaml"), "--allow-host", name]) == 2
    assert "no host name or address" in capsys.readouterr().err


def test_a_section_of_the_stages_own_asks_for_a_pool_that_stands_in(tmp_path: Path) -> None:
    section = "[default.local-stage.parameters]\nstand_in_pool = {}\n"
    (tmp_path / "samconfig.toml").write_text(section.format("true"))
    assert configure(tmp_path).stand_in_pool
    assert not configure(tmp_path, user_pool_arn="arn").stand_in_pool
    (tmp_path / "samconfig.toml").write_text(section.format("false"))
    assert not configure(tmp_path).stand_in_pool
    assert configure(tmp_path, stand_in_pool=True).stand_in_pool
    (tmp_path / "samconfig.toml").write_text(section.format('"yes"'))
    with pytest.raises(UsageError, match="'yes' is neither true nor false"):
        configure(tmp_path)
