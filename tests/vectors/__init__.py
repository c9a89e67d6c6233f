"""Cases that every implementation of the edge answers alike."""
