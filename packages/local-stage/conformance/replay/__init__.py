"""What AWS was recorded to answer, as data, and how much of it the local stage has right."""
