"""A handler that does harm unless its event is `good`."""

from __future__ import annotations


def write_handler(before: str) -> str:
    """Write a handler that does harm unless its event is `good`."""
    return f"""
import ctypes, os, signal, subprocess, sys, threading, time

def handler(event, context):
    if event == "good":
        return [os.getpid(), "good"]
    {before}
"""
