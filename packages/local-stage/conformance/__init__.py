"""One table of requests with AWS's answers, and who of local stage, MiniStack and AWS gives them."""
