"""How people come in: sign-up, reset, access requests, providers, single sign-on, devices."""
