"""Node.js: a client of the Runtime API of our own, in plain JavaScript, in `local_stage_runtime/nodejs`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.npm import install_own, install_packages
from local_stage.lambda_runtime.program import ProgramError, run_program
from local_stage.lambda_runtime.runtimes.interpreters import Interpreter, choose_nearest, find_interpreters
from local_stage.lambda_runtime.runtimes.runtime import Workspace, build_paths, build_shell_variables

BOOTSTRAP: Final = Path(__file__).parents[3] / "local_stage_runtime" / "nodejs" / "bootstrap.js"
OLDEST: Final = 16
"""The oldest version in which a function can run; what names an older one runs in a later one."""

_MANAGED: Final = (
    ".nvm/versions/node/v*/bin/node",
    ".local/share/fnm/node-versions/v*/installation/bin/node",
    ".asdf/installs/nodejs/*/bin/node",
    ".volta/tools/image/node/*/bin/node",
)
_SDK_PACKAGE: Final = re.compile(r"""["'](@aws-sdk/[a-z0-9-]+|@smithy/[a-z0-9-]+|aws-sdk)(?:/[^"']*)?["']""")
_SOURCES: Final = frozenset({".cjs", ".js", ".mjs"})
_FIRST_WITH_SDK_3: Final = 18
_FIRST_WITH_MODULES: Final = 24
_SWITCHED_OFF: Final = ("experimental-require-module", "experimental-detect-module")


@dataclass(frozen=True, slots=True)
class PreparedNodejs:
    """A function's Node.js with its options, and the folders of packages beside the function's own."""

    program: Path
    version: int
    packages: tuple[Path, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder of what runs the handler."""
        return BOOTSTRAP.parent

    def command(self, handler: str, debug_port: int | None) -> Sequence[str]:
        """Return the command of a process; a debugger finds Node's own inspector at the port."""
        debug = () if debug_port is None else (f"--inspect-brk=127.0.0.1:{debug_port}",)
        return (str(self.program), *self.options, *debug, str(BOOTSTRAP), handler)

    def environment(self, settings: FunctionSettings, opt_folder: Path | None) -> Mapping[str, str]:
        """Return where programs, libraries and modules are."""
        path = f"{self.program.parent}:/usr/local/bin:/usr/bin/:/bin:{opt_folder or '/opt'}/bin"
        return {
            "PATH": path,
            "NODE_PATH": ":".join(self._find_node_path(settings, opt_folder)),
            **build_shell_variables(settings),
            **build_paths(settings, opt_folder, [], [str(self.folder), f"{self.folder}/lib"]),
        }

    def _find_node_path(self, settings: FunctionSettings, opt_folder: Path | None) -> Iterator[str]:
        """Yield where Node.js looks for packages after the function's own node_modules, in Lambda's order.

        https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html
        """
        if own := settings.environment.get("NODE_PATH"):
            yield own
        opt = opt_folder or Path("/opt")
        yield f"{opt}/nodejs/node{self.version}/node_modules"
        yield f"{opt}/nodejs/node_modules"
        yield from map(str, self.packages)
        yield f"{self.folder}/node_modules"
        yield str(self.folder)
        yield str(settings.code_folder)


class NodejsRuntime:
    """Every nodejs runtime, in the very version where this machine has it, else in the nearest."""

    def __init__(self) -> None:
        self._interpreters: Sequence[Interpreter] | None = None
        self._is_known: dict[tuple[str, ...], bool] = {}

    async def prepare(self, settings: FunctionSettings, workspace: Workspace) -> PreparedNodejs:
        """Install the function's packages, unless they are there. Raises as `Runtime`."""
        match = re.fullmatch(r"nodejs(\d+)\.(x|\d+)", settings.runtime)
        if match is None:
            raise FunctionUnavailableError(f"the runtime {settings.runtime} is not run locally")
        wanted = int(match[1])
        found = await self._find_node(wanted)
        if found.version[0] != wanted:
            workspace.replace_version(settings, f"Node.js {found.version[0]}")
        cache, progress = workspace.cache_folder, workspace.progress
        packages = [
            await install_own(settings.code_folder, settings.logical_id, cache, progress),
            await _install_sdk(settings, wanted, workspace),
        ]
        options = await self._find_options(found, wanted, settings.environment.get("NODE_OPTIONS", ""))
        return PreparedNodejs(found.program, wanted, tuple(filter(None, packages)), options)

    async def _find_options(self, node: Interpreter, wanted: int, own: str) -> tuple[str, ...]:
        """Return with what Lambda starts Node.js: older versions load ES modules as they did at first.

        Each is dropped where the function's NODE_OPTIONS asks for the opposite.
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
        """
        names = _SWITCHED_OFF if wanted < _FIRST_WITH_MODULES else ()
        options = tuple(f"--no-{name}" for name in names if f"--{name}" not in own.split())
        command = (str(node.program), *options)
        if command not in self._is_known:
            self._is_known[command] = await _is_accepted((*command, "--eval", "0"))
        # One that does not know them is of a version that does as Lambda's.
        return options if self._is_known[command] else ()

    async def _find_node(self, wanted: int) -> Interpreter:
        if self._interpreters is None:
            found = await find_interpreters(["node", "nodejs"], _MANAGED, 1)
            self._interpreters = [one for one in found if one.version >= (OLDEST,)]
        nearest = choose_nearest(self._interpreters, (wanted,))
        if nearest is None:
            why = f"Node.js {OLDEST} or newer is not on this machine: put node on the PATH"
            raise FunctionUnavailableError(why)
        return nearest


async def _is_accepted(command: Sequence[str]) -> bool:
    try:
        await run_program(command, Path(command[0]).parent)
    except ProgramError:
        return False
    return True


async def _install_sdk(settings: FunctionSettings, version: int, workspace: Workspace) -> Path | None:
    """Install those packages of the AWS SDK that the code names and Lambda's runtime brings along."""
    named = sorted(await asyncio.to_thread(_find_sdk_packages, settings.code_folder))
    kept = [name for name in named if (name == "aws-sdk") is (version < _FIRST_WITH_SDK_3)]
    missing = [name for name in kept if not (settings.code_folder / "node_modules" / name).is_dir()]
    if not missing:
        return None
    what = f"the AWS SDK for {settings.logical_id}"
    return await install_packages(missing, what, workspace.cache_folder, workspace.progress)


def _find_sdk_packages(folder: Path) -> set[str]:
    found: set[str] = set()
    for parent, folders, names in folder.walk():
        folders[:] = [name for name in folders if name != "node_modules" and not name.startswith(".")]
        for name in names:
            if Path(name).suffix in _SOURCES:
                text = (parent / name).read_text(encoding="utf-8", errors="replace")
                found.update(match[1] for match in _SDK_PACKAGE.finditer(text))
    return found
