"""`local-stage explain` says what it takes, and tells by its exit code whether it could be told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_stage.cli import main
from tests.stage_process import REPOSITORY
from tests.tokens import read_article_token

TEMPLATE = ("--template", str(REPOSITORY / "template.yaml"))


def test_an_answer_is_explained_without_any_stage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--answer", '{"message":"The incoming token has expired"}', "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "expired-token"


def test_an_answer_that_nobody_knows_is_not_guessed_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--answer", "hello"]) == 2
    assert "give all that `curl -i` prints" in capsys.readouterr().err


def test_an_answer_and_a_token_are_two_questions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "e.y.J", "--answer", "hello"]) == 2
    assert "--answer takes no token" in capsys.readouterr().err


def test_it_takes_either_a_route_or_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["explain", "--route", "/hello", "--answer", "x"])
    assert exited.value.code == 2
    assert "--route" in capsys.readouterr().err


def test_help_teaches_by_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["explain", "--help"])
    assert "local-stage explain \"$TOKEN\" --route 'GET /hello'" in capsys.readouterr().out


def test_without_a_stage_nothing_is_told_of_a_token(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["explain", "e.y.J", "--route", "GET /hello", "--state-folder", str(tmp_path)]) == 2
    assert "no stage runs from this folder" in capsys.readouterr().err


@pytest.mark.parametrize("where", [TEMPLATE, ()], ids=["template", "running stage"])
@pytest.mark.parametrize("option", ["--region", "--endpoint-url"])
def test_what_finds_a_deployed_stack_is_not_ignored_without_one(
    capsys: pytest.CaptureFixture[str], option: str, where: tuple[str, ...]
) -> None:
    assert main(["explain", "--route", "GET /hello", option, "eu-west-1", *where]) == 2
    assert f"{option} goes with --stack-name" in capsys.readouterr().err


def test_a_templates_parameters_may_be_given(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
    assert text.count("    Default: dev\n") == 1
    template = tmp_path / "template.yaml"
    template.write_text(text.replace("    Default: dev\n", ""), encoding="utf-8")
    for code in ("hello_function", "operations"):
        (tmp_path / code).symlink_to(REPOSITORY / code)
    explain = ["explain", "--route", "GET /hello", "--template", str(template)]
    assert main([*explain, "--parameter-overrides", "Environment=staging"]) == 0
    assert main([*explain, "--parameter-overrides", "Environment=elsewhere"]) == 2
    assert "Environment" in capsys.readouterr().err


def test_parameters_are_the_templates_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--route", "GET /hello", "--parameter-overrides", "Environment=dev"]) == 2
    assert "--parameter-overrides goes with --template" in capsys.readouterr().err


def test_a_template_alone_refuses_what_no_pool_would_save(capsys: pytest.CaptureFixture[str]) -> None:
    token = read_article_token("access")
    assert main(["explain", token, "--route", "GET /hello", *TEMPLATE, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [step["name"] for step in told["steps"] if step["outcome"] == "failed"] == ["kind"]


def test_a_route_that_is_none_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--route", "hello", *TEMPLATE]) == 2
    assert "write 'GET /hello'. The API has GET /admin/hello, GET /hello, POST /hello, " in (
        capsys.readouterr().err
    )


def test_a_route_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--route", "GET /machine/hello", *TEMPLATE, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "route": {
            "method": "GET",
            "path": "/machine/hello",
            "wants": "an access token with the scope hello/read, in the header Authorization",
        },
        "remedy": None,
        "notes": [],
    }
