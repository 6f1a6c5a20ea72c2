"""HTTP APIs: how they route, judge tokens, invoke functions and respond, which is not as REST APIs do."""
