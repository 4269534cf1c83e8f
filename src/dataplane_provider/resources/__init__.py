"""One module a resource: its argument record, its rules, its verbs. Azure is reached through `clients` only."""
