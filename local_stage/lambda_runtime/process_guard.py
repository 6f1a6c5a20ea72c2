"""Sees to it that no process outlives the stage, however the stage ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

_PROGRAM = """
groups=' '
while read -r sign group; do
    case $sign in
        +) groups="$groups$group " ;;
        -) case $groups in *" $group "*) groups="${groups%%" $group "*} ${groups#*" $group "}" ;; esac ;;
    esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
"""


class ProcessGuard:
    """A small process of its own that kills every process group still watched when the stage is gone.

    It reads a pipe whose other end only the stage holds, so even SIGKILL on the stage ends the pipe, and with
    it the groups: what a handler forked included. A thread or a signal in the function's process would be
    seen by the function; PR_SET_PDEATHSIG is Linux's alone and does not reach what the handler forks.
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

    def watch(self, process_group: int) -> None:
        """Have the group killed if the stage ends before it is released."""
        self._tell(f"+ {process_group}\n")

    def release(self, process_group: int) -> None:
        """Forget a group that has ended."""
        self._tell(f"- {process_group}\n")

    async def stop(self) -> None:
        """End the guarding process, which kills the groups still watched."""
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


def kill_process_group(process_group: int, number: signal.Signals) -> None:
    """Send a signal to a whole group; a group that has ended is none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process_group, number)
