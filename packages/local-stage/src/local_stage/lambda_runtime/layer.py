"""A layer of the template, whose content is in a folder of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: what `content_folder` holds goes to /opt.

    One that `is_built` is made as `sam build` makes it: the folder and the packages of its requirements.txt
    go to /opt/python.
    """

    logical_id: str
    content_folder: Path
    is_built: bool = False
