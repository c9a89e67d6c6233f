"""What people write about routes, in five formats, and the one table that it comes to. Pure."""
