"""Sees to it that no process outlives the stage, however the stage ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

_PROGRAM = """
PATH=/usr/bin:/bin
watched=' '
set -f
while read -r sign entry; do
    case $sign in
        +) watched="$watched$entry " ;;
        -) case $watched in *" $entry "*) watched="${watched%%" $entry "*} ${watched#*" $entry "}" ;; esac ;;
    esac
done
marks=
for entry in $watched; do
    kill -KILL "-${entry%%:*}" 2>/dev/null
    marks="$marks${entry#*:}
"
done
set +f
[ -n "$marks" ] || exit 0
for round in 1 2 3; do
    for file in $(printf %s "$marks" | grep -lzxF -f - /proc/[0-9]*/environ 2>/dev/null); do
        pid=${file#/proc/}
        kill -KILL "${pid%/environ}" 2>/dev/null
    done
    sleep 0.1
done
"""
_ROUNDS = 20
_PAUSE = 0.01
"""Seconds between two looks for what starts, or has not ended yet."""
_VSIZE, _ENV_END = 20, 48
"""Where they stand behind a process's name."""


class ProcessGuard:
    """A small process of its own that kills whatever is still watched when the stage is gone.

    It reads a pipe whose other end only the stage holds, so even SIGKILL on the stage ends the pipe, and with
    it every process group that is watched, and every process that carries its mark. A thread or a signal in
    the function's process would be seen by the function; PR_SET_PDEATHSIG is Linux's alone and does not reach
    what the handler forks.

    A mark is a line of the environment, `NAME=value`, that nothing else has: what a process starts inherits
    it, in a session of its own too. It is found where there is a /proc, and not if it was taken away.
    """

    def __init__(self) -> None:
        self._pipe: int | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the guarding process; OSError where there is no POSIX shell."""
        reading_end, self._pipe = os.pipe()
        try:
            # A session of its own: Ctrl-C, and a kill of the stage's whole process group, must not reach it.
            self._process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", _PROGRAM),
                stdin=reading_end,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,
            )
        except OSError:
            os.close(self._pipe)
            self._pipe = None
            raise
        finally:
            os.close(reading_end)

    @property
    def pid(self) -> int | None:
        """The guarding process's id, None while there is none."""
        return self._process.pid if self._process else None

    def watch(self, process_group: int, mark: str) -> None:
        """Have the group and what carries the mark killed if the stage ends before they are released."""
        self._tell(f"+ {process_group}:{mark}\n")

    def release(self, process_group: int, mark: str) -> None:
        """Forget a group that has ended, and its mark."""
        self._tell(f"- {process_group}:{mark}\n")

    async def stop(self) -> None:
        """End the guarding process, which kills what is still watched."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        if self._process is not None:
            await self._process.wait()
            self._process = None

    def _tell(self, line: str) -> None:
        if self._pipe is not None:
            # A guard that somebody killed must not take the stage with it.
            with contextlib.suppress(OSError):
                os.write(self._pipe, line.encode())


async def kill_marked_processes(mark: str) -> None:
    """Kill every process that was started with this line in its environment; return when none is left.

    Source: proc_pid_environ(5), which is the environment at the start of a program; pidfd_open(2)
    """
    line = os.fsencode(mark)
    for _ in range(_ROUNDS):
        found = [pid for pid in _list_processes() if _carries(pid, line) or _is_about_to_start(pid)]
        if not found:
            return
        for pid in found:
            with contextlib.suppress(OSError):
                _kill_marked(pid, line)
        await asyncio.sleep(_PAUSE)


def _kill_marked(pid: int, line: bytes) -> None:
    """Kill a process, and none that has got its id since; OSError where it has ended."""
    descriptor = os.pidfd_open(pid)
    try:
        if _carries(pid, line):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)


def _list_processes() -> list[int]:
    with contextlib.suppress(OSError):
        return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdecimal()]
    return []


def _carries(pid: int, line: bytes) -> bool:
    environment = _read(pid, "environ")
    return environment is not None and line in environment.split(b"\0")


def _is_about_to_start(pid: int) -> bool:
    """Say whether a process begins a program, whose environment is not there yet.

    Source: `vsize` and `env_end` in proc_pid_stat(5); a process that has ended has neither
    """
    if _read(pid, "environ") != b"":
        return False
    fields = (_read(pid, "stat") or b"").rpartition(b")")[2].split()
    return len(fields) > _ENV_END and fields[_VSIZE] != b"0" and fields[_ENV_END] == b"0"


def _read(pid: int, file: str) -> bytes | None:
    """Return what /proc says of a process; None where it has ended, or is nobody's to read."""
    try:
        return Path(f"/proc/{pid}/{file}").read_bytes()
    except OSError:
        return None


def kill_process_group(process_group: int, number: signal.Signals) -> None:
    """Send a signal to a whole group; a group that has ended is none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process_group, number)
