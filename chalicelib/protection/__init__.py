"""Who may see a site, and what a site refuses: protected previews, share links, the guard."""
