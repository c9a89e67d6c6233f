"""The only code that talks to a cloud beyond the table; one file per port."""
