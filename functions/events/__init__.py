"""One file per kind of event that we listen to."""
