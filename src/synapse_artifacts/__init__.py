"""Documents of a Synapse workspace in the Git layout of Studio: read, checked, ordered, bound, compared."""
