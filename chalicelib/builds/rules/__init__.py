"""How a repository is built: detection, configuration, the plan. Pure: nothing but text goes in."""
