"""What visitors did: requests, errors and times of every deployment, counted by the minute."""
