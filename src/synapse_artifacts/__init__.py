"""The documents of a Synapse workspace in Studio's Git layout: read, checked, ordered, bound and compared. No Azure calls."""
