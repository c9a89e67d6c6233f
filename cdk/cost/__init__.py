"""What an installation costs a month: dated list prices and the arithmetic over them. Pure."""
