"""One table of requests with AWS's responses, and who of local stage, MiniStack and AWS gives them."""
