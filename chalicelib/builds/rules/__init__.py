"""How a repository is built: detection, configuration, the plan. Pure; standard library only."""
