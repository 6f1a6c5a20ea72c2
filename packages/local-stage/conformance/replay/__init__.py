"""What AWS was recorded to response, as data, and how much of it the local stage has right."""
