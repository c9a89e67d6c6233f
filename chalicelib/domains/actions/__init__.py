"""What can be done with domains, their certificates and DNS zones."""
