"""What a path of a deployment leads to beyond its files: redirects, rewrites, proxies, headers."""
