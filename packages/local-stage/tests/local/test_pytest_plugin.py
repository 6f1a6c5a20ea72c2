"""The fixtures of `local_stage.testing.pytest_plugin`, as the tests of another project use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.books_project import APP, CONFTEST, TEMPLATE
from tests.processes import nothing_left_running
from tests.stage_process import CACHE

pytest_plugins = ["pytester"]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Another project: a template, a function, and no test yet."""
    pytester.makefile(".yaml", template=TEMPLATE)
    pytester.mkdir("books")
    Path(pytester.path, "books", "app.py").write_text(APP)
    pytester.makeconftest(CONFTEST)
    pytester.makeini(f"""
        [pytest]
        local_stage_options = --cache-folder {CACHE}
    """)
    return pytester


def run(project: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Run tests of the other project in a process of their own, and see that they leave nothing running."""
    project.makepyfile(tests)
    with nothing_left_running():
        return project.runpytest_subprocess(*options)


def test_users_tokens_and_clock_do_what_they_say_and_nobody_else_may_read_what_the_stage_leaves(
    project: pytest.Pytester,
) -> None:
    """Keys, users and logs of a test run lie in a temporary folder, whose parent is everybody's."""
    result = run(
        project,
        """
        from datetime import timedelta

        import pytest

        users = set()


        def test_a_user_is_somebody_else_in_each_test(get, token, user):
            alice = user(groups=["readers"], attributes={"name": "Alice"})
            users.add(alice.username)
            claims = get("/books", token(alice)).json()
            assert claims["cognito:username"] == alice.username
            assert (claims["name"], claims["cognito:groups"]) == ("Alice", "readers")
            assert claims["email"] == alice.attributes["email"]


        def test_who_was_made_is_gone_afterwards(stage):
            cognito = stage.client("cognito-idp")
            pool_id = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
            pool = cognito.list_users(UserPoolId=pool_id)
            assert users
            assert pool["Users"] == []


        def test_a_user_may_have_a_name_and_a_password(stage, user):
            bob = user("bob", password="Correct-Horse-7")
            assert (bob.username, bob.password) == ("bob", "Correct-Horse-7")


        def test_an_access_token_is_no_id_token(get, token):
            assert get("/books", token(kind="access")).status_code == 401


        def test_a_machine_needs_the_scope(get, token):
            assert get("/machine", token.machine()).status_code == 200
            assert get("/machine", token.machine("books/read")).status_code == 200
            assert get("/machine", token.machine("books/write")).status_code == 401
            assert get("/machine", token.machine(defect="expired")).status_code == 401


        @pytest.mark.parametrize("defect", ["expired", "not-yet-valid", "tampered", "other-pool", "none"])
        def test_a_token_with_a_defect_is_refused_for_it(stage, get, token, defect):
            bad = token(defect=defect)
            stage.new_log()
            assert get("/books", bad).status_code == 401
            (line,) = [line for line in stage.new_log() if line.startswith("401")]
            print(f"{defect}: {line}")


        def test_the_clock_moves_the_stage(get, token, clock):
            good = token()
            assert get("/books", good).status_code == 200
            clock.advance(timedelta(hours=2))
            assert get("/books", good).json() == {"message": "The incoming token has expired"}
            assert clock.ahead == timedelta(hours=2)
            clock.reset()
            assert get("/books", good).status_code == 200
            clock.advance(7200)


        def test_the_clock_is_set_right_after_each_test(clock):
            assert not clock.ahead


        def test_nobody_else_may_read_what_it_leaves(stage, token):
            assert token()
            below = list(stage.state_folder.rglob("*"))
            assert [file for file in below if file.suffix == ".pem"]
            files = [stage.folder, stage.state_folder, *below]
            assert [file for file in files if file.lstat().st_mode & 0o077] == []
        """,
        "-rP",
    )
    result.assert_outcomes(passed=13)
    result.stdout.fnmatch_lines(
        [
            "expired: *expired*",
            "not-yet-valid: *",
            "tampered: *signature*",
            "other-pool: *another user pool*",
            "none: *alg*",
        ]
    )


SECOND_CLIENT = """\
  OtherClient:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref People, GenerateSecret: true}
Outputs:
"""


def write_template(project: pytest.Pytester, *changes: tuple[str, str]) -> None:
    """Write the project's template with texts replaced that stand in it once."""
    text = TEMPLATE
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    Path(project.path, "template.yaml").write_text(text)


def test_each_worker_has_a_stage_of_its_own_where_options_win_and_failures_are_failures(
    project: pytest.Pytester,
) -> None:
    """Of several app clients none is taken that nobody has named."""
    write_template(project, ("Outputs:\n", SECOND_CLIENT))
    result = run(
        project,
        """
        from pathlib import Path


        def test_there_is_a_stage(stage, worker_id):
            Path(f"{worker_id}.txt").write_text(stage.api_url)


        def test_it_is_another_stage(stage):
            assert stage.api_url.endswith("/beta")


        def test_without_a_token_nobody_reads(get):
            assert get("/books").status_code == 200


        def test_books(token):
            assert token()
        """,
        f"--local-stage-options=--cache-folder '{CACHE}' --parameter-overrides StageName=beta",
        *("--dist", "each", "--tx", "2*popen"),
    )
    result.assert_outcomes(passed=4, failed=4)
    result.stdout.fnmatch_lines_random(
        [
            "*assert 401 == 200*",
            "*SeveralClientsError: several app clients *; name one with --client: *OtherClient (*",
        ]
    )
    assert len({Path(project.path, f"gw{number}.txt").read_text() for number in range(2)}) == 2


def test_the_configuration_names_one_app_client_and_who_signs_in_with_an_address_gets_one(
    project: pytest.Pytester,
) -> None:
    pool = "Type: AWS::Cognito::UserPool\n"
    by_address = f"{pool}    Properties: {{UsernameAttributes: [email]}}\n"
    write_template(project, ("Outputs:\n", SECOND_CLIENT), (pool, by_address))
    result = run(
        project,
        """
        import base64, json


        def test_books(token, stage):
            aud = json.loads(base64.urlsafe_b64decode(token().split(".")[1] + "=="))["aud"]
            pools = stage.client("cognito-idp")
            pool_id = pools.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
            found = pools.describe_user_pool_client(UserPoolId=pool_id, ClientId=aud)
            assert "ClientSecret" in found["UserPoolClient"]  # which one of the two clients has


        def test_an_address_is_the_name(get, token, user):
            alice = user()
            assert alice.username == alice.attributes["email"]
            assert get("/books", token(alice)).json()["email"] == alice.username


        def test_with_a_token_of_another_pool_nobody_reads(get, token):
            assert get("/books", token(defect="other-pool")).status_code == 200
        """,
        *("-o", "local_stage_client=OtherClient"),
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*assert 401 == 200*"])


def test_a_template_that_cannot_be_served_is_an_error_that_says_why(project: pytest.Pytester) -> None:
    template = Path(project.path, "other.yaml")
    template.write_text(TEMPLATE.replace("OpenApiVersion: 3.0.3", "EndpointConfiguration: {Type: PRIVATE}"))
    tests = "def test_books(get): get('/books')"
    result = run(project, tests, "--local-stage-template", template.name)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["the local stage ended with exit code 2*", "*other.yaml: Api.EndpointConfiguration: *PRIVATE*"]
    )


def test_a_project_that_does_not_use_it_loses_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys


        def test_nothing_of_the_stage_is_imported():
            own = {name for name in sys.modules if name.partition(".")[0] == "local_stage"}
            assert own == {"local_stage", "local_stage.testing", "local_stage.testing.pytest_plugin"}
            assert not {"aiohttp", "boto3", "yaml"} & set(sys.modules)
        """
    )
    # What else is installed here has plugins, which may import what they like.
    pytester.runpytest_subprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)
