"""The WebSocket: one file per API Gateway route (`$connect`, `$default`, `$disconnect`)."""
