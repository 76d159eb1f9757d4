"""The compiled model: a scenario as arrays, and what happens on which day."""
