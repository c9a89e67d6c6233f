"""Web push: what happened, as a notification at the browsers of those who asked for it."""
