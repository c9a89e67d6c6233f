"""Who may do what: teams, their members and the members' roles."""
