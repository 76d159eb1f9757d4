"""What a user may ask for on the command line: parse, call a story, print."""
