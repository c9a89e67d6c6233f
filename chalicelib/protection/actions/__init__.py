"""What people do about who may see a site and what it refuses."""
