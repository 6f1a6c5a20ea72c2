"""Notes that everybody who has signed in reads, and that editors write."""

import os
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from mangum import Mangum
from pydantic import BaseModel

from caller import Caller, find_caller, require_group

# The pages of the documentation would need a token that a browser does not send.
app = FastAPI(title="Notes", openapi_url=None)
app.add_middleware(CORSMiddleware, allow_origins=[os.environ["ALLOWED_ORIGIN"]])


class Note(BaseModel):
    """What an editor sends."""

    text: str


@app.get("/me")
def describe_caller(caller: Annotated[Caller, Depends(find_caller)]) -> Caller:
    """Say who calls."""
    return caller


@app.post("/notes", status_code=201)
def write_note(note: Note, editor: Annotated[Caller, Depends(require_group("editors"))]) -> dict[str, str]:
    """Take a note of an editor."""
    return {"text": note.text, "by": editor.username}


handler = Mangum(app, lifespan="off")
