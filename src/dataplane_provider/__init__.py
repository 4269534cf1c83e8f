"""The Pulumi provider `dataplane`: Synapse artifacts and roles, Data Lake paths with ACLs, secrets made in a key vault."""
