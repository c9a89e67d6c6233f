"""One file per subject; a command parses, asks the API, prints."""
