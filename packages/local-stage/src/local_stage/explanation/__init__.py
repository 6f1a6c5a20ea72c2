"""Why a request is let in or refused: the stage's own decision, told step by step."""
