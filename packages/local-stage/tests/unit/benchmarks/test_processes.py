"""What the kernel's text says of a process's CPU time."""

from __future__ import annotations

import os

from benchmarks.processes import find_tree, parse_ticks, read_cpu, read_memory, read_tree_cpu

STAT = "4711 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 101 102 103 104 20 0 1 0 500 1000 200"


def test_own_ticks_are_apart_from_those_of_children_that_have_ended() -> None:
    assert parse_ticks(STAT) == (101 + 102, 103 + 104)


def test_a_process_that_is_there_has_memory_and_time_and_is_the_first_of_its_tree() -> None:
    pid = os.getpid()
    assert next(find_tree(pid)) == pid
    assert read_memory(pid) > 1
    assert 0 < read_cpu(pid) <= read_tree_cpu(pid)


def test_a_process_that_has_ended_has_none() -> None:
    assert read_cpu(2**30) == 0
