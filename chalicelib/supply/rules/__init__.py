"""Pure rules: lock files, bills of materials, advisories, statements, advice."""
