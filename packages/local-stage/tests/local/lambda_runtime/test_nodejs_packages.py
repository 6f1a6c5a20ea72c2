"""Node.js functions find their packages, and have those of package.json installed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.runtimes.nodejs import NodejsRuntime, PreparedNodejs
from local_stage.lambda_runtime.runtimes.runtime import Workspace
from tests.local.lambda_runtime.nodejs_function import NEEDS_NODE, run
from tests.local.lambda_runtime.running_function import build_settings, write_source

pytestmark = NEEDS_NODE


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("app.js", "const shared = require('shared'); exports.handler = async () => shared;"),
        ("app.mjs", "import shared from 'shared'; export const handler = async () => shared;"),
    ],
)
def test_packages_outside_the_function_are_found_by_require_and_import(
    tmp_path: Path, file: str, source: str
) -> None:
    packages = tmp_path / "packages"
    write_source(packages, "module.exports = 'found';", "shared/index.js")
    assert run(tmp_path / "code", source, 1, file=file, packages=(packages,))[0] == ["found"]


@pytest.mark.parametrize("name", ["modern", "@scoped/modern"])
def test_a_package_that_is_for_import_alone_is_found_by_import(tmp_path: Path, name: str) -> None:
    packages = tmp_path / "elsewhere" / "node_modules"
    manifest = {"name": name, "type": "module", "exports": {"./part": {"import": "./part.js"}}}
    write_source(packages, json.dumps(manifest), f"{name}/package.json")
    write_source(packages, "export default 'found';", f"{name}/part.js")
    source = f"import part from '{name}/part'; export const handler = async () => part;"
    assert run(tmp_path / "code", source, 1, file="app.mjs", packages=(packages,))[0] == ["found"]


def test_packages_of_package_json_are_installed_once(tmp_path: Path) -> None:
    write_source(tmp_path / "greeting", '{"name": "greeting", "version": "1.0.0"}', "package.json")
    write_source(tmp_path / "greeting", "module.exports = 'hello';", "index.js")
    code = tmp_path / "code"
    manifest = {"dependencies": {"greeting": f"file:{tmp_path}/greeting"}}
    write_source(code, json.dumps(manifest), "package.json")
    said: list[str] = []
    settings = build_settings(code, runtime="nodejs22.x")

    async def prepare() -> PreparedNodejs:
        return await NodejsRuntime().prepare(settings, Workspace(tmp_path / "cache", said.append))

    prepared = asyncio.run(prepare())
    assert asyncio.run(prepare()) == prepared
    installing = [line for line in said if line.startswith("Installing")]
    assert installing == ["Installing the packages of HelloFunction, once: greeting"]
    source = "exports.handler = async () => require('greeting');"
    assert run(code, source, 1, packages=prepared.packages)[0] == ["hello"]


def test_a_package_that_cannot_be_installed_is_named_with_npms_own_words(tmp_path: Path) -> None:
    manifest = {"dependencies": {"absent": f"file:{tmp_path}/absent.tgz"}}
    write_source(tmp_path, json.dumps(manifest), "package.json")
    settings = build_settings(tmp_path, runtime="nodejs22.x")
    with pytest.raises(FunctionUnavailableError, match=r"cannot be installed: npm: .*absent\.tgz"):
        asyncio.run(NodejsRuntime().prepare(settings, Workspace(tmp_path / "cache", print)))
