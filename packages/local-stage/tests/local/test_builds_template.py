"""One template whose functions have to be built: by esbuild, by a makefile, or by `sam build` before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.local.lambda_runtime.running_function import write_source
from tests.local.pooled_functions import BOOTSTRAP, running_functions
from tests.local.revealing_app import create_user, get, sign_in
from tests.stage_process import StageProcess

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on the PATH")
MAKE = pytest.mark.skipif(shutil.which("make") is None, reason="make is not on the PATH")

FUNCTIONS = """\
  TypedFunction:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: esbuild
      BuildProperties:
        EntryPoints: [src/app]
        Minify: false
        External: ["@aws-sdk/*"]
        Define: [NAME="typed"]
        Loader: [.txt=text]
    Properties:
      Runtime: nodejs22.x
      Handler: app.handler
      CodeUri: typed
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /typed, Method: get}}}
  MistypedFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: esbuild, BuildProperties: {EntryPoints: [app.ts], Loader: [.txt=text]}}
    Properties:
      Runtime: nodejs22.x
      Handler: app.handler
      CodeUri: mistyped/functions
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /mistyped, Method: get}}}
  MadeFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      Runtime: provided.al2023
      Handler: any
      CodeUri: made
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /made, Method: get}}}
  GoFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties:
      Runtime: go1.x
      Handler: main
      CodeUri: go
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /go, Method: get}}}
  UnbuiltFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: app.handler
      CodeUri: unbuilt
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /unbuilt, Method: get}}}
  AbsentFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: absent
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /absent, Method: get}}}
"""

TYPED = """\
import { greeting } from "greeting";
import text from "./text.txt";
declare const NAME: string;
export const handler = async (event: { path: string }): Promise<object> =>
  ({ statusCode: 200, body: [greeting, NAME, text.trim(), "first"].join(" ") });
"""

FILES = {
    "greeting/package.json": '{"name": "greeting", "version": "1.0.0"}',
    "greeting/index.js": "exports.greeting = 'hello';",
    "typed/src/app.ts": TYPED,
    "typed/src/text.txt": "text\n",
    "mistyped/functions/app.ts": "export const handler = async () => {",
    "made/Makefile": "build-MadeFunction:\n\tsed s/WORD/made/ source >$(ARTIFACTS_DIR)/bootstrap\n"
    "\tchmod +x $(ARTIFACTS_DIR)/bootstrap\n\ttouch left-behind\n",
    "made/source": BOOTSTRAP,
    "go/main.go": "package main\n",
    "unbuilt/app.ts": "export const handler = async () => ({ statusCode: 200 });",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("builds")
    asked = '"scripts": {"prepare": "absent"}, "dependencies": {"greeting": "file:../greeting"}'
    manifests = {f"{name}/package.json": f'{{"name": "{name}", {asked}}}' for name in ("typed", "mistyped")}
    with running_functions(folder, FUNCTIONS, {**FILES, **manifests}) as running:
        yield running


@pytest.fixture(scope="module")
def token(stage: StageProcess) -> str:
    create_user(stage, "alice")
    return sign_in(stage, "alice")


@pytest.mark.parametrize("route", ["typed", "mistyped", "made", "go", "unbuilt", "absent"])
def test_nobody_calls_without_a_token(stage: StageProcess, route: str) -> None:
    assert get(stage, f"/{route}").status_code == 401


@NODE
def test_typescript_is_built_by_esbuild_and_again_when_it_is_saved(stage: StageProcess, token: str) -> None:
    assert get(stage, "/typed", token).text == "hello typed text first"
    source = stage.folder / "typed" / "src" / "app.ts"
    source.write_text(TYPED.replace("first", "second"))
    assert get(stage, "/typed", token).text == "hello typed text second"
    source.write_text("export const = 1;")
    assert get(stage, "/typed", token).status_code == 502
    assert "it cannot be built: esbuild: ✘ [ERROR] Expected identifier" in stage.log
    assert "src/app.ts:1:13" in stage.log
    source.write_text(TYPED)
    assert get(stage, "/typed", token).text == "hello typed text first"


@NODE
def test_what_esbuild_cannot_build_keeps_one_function_from_running_until_it_is_mended(
    stage: StageProcess, token: str
) -> None:
    assert get(stage, "/mistyped", token).status_code == 502
    assert "MistypedFunction (AWS::Serverless::Function): it cannot be built: esbuild: " in stage.printed
    source = stage.folder / "mistyped" / "functions" / "app.ts"
    text = TYPED.replace("./text.txt", "../../typed/src/text.txt")
    source.write_text(text.replace("declare const NAME: string;", "const NAME = 'mended';"))
    assert get(stage, "/mistyped", token).text == "hello mended text first"


@MAKE
def test_a_makefile_builds_a_copy_of_the_source(stage: StageProcess, token: str) -> None:
    assert get(stage, "/made", token).text == "made alice"
    (stage.folder / "made" / "source").write_text(BOOTSTRAP.replace("WORD", "again WORD"))
    assert get(stage, "/made", token).text == "again made alice"
    assert not (stage.folder / "made" / "left-behind").exists()


def test_what_was_not_built_says_so_and_is_taken_from_where_sam_builds(
    stage: StageProcess, token: str
) -> None:
    listed = (
        "GoFunction (AWS::Serverless::Function): its code has to be built by go1.x; run `sam build` first"
    )
    assert listed in stage.printed
    assert get(stage, "/go", token).status_code == 502
    write_source(stage.folder, BOOTSTRAP.replace("WORD", "go"), ".aws-sam/build/GoFunction/main")
    (stage.folder / ".aws-sam/build/GoFunction/main").chmod(0o755)
    assert get(stage, "/go", token).text == "go alice"


@NODE
def test_a_build_that_is_older_than_the_source_is_not_taken(stage: StageProcess, token: str) -> None:
    source = stage.folder / "unbuilt" / "app.ts"
    built = stage.folder / ".aws-sam/build/UnbuiltFunction"
    write_source(built, "exports.handler = async () => ({ statusCode: 200, body: 'built' });", "app.js")
    os.utime(built, (1, 1))
    assert get(stage, "/unbuilt", token).status_code == 502
    assert f"{built} is older than the source; run `sam build` again" in stage.log
    os.utime(source, (1, 1))
    assert get(stage, "/unbuilt", token).text == "built"


def test_code_that_is_not_there_is_taken_from_where_sam_builds(stage: StageProcess, token: str) -> None:
    assert get(stage, "/absent", token).status_code == 502
    assert (
        "AbsentFunction (AWS::Serverless::Function): CodeUri names absent, which is not there"
        in stage.printed
    )
    write_source(
        stage.folder / ".aws-sam/build/AbsentFunction",
        "def handler(event, context):\n    return {'statusCode': 200, 'body': 'built'}\n",
    )
    assert get(stage, "/absent", token).text == "built"
