"""Everything outside the product that calls into it."""
