"""What speaks for a scenario and against it: what was known on a day, forecasts from it, and their scores."""
