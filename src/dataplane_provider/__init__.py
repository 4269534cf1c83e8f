"""The Pulumi provider `dataplane`: Synapse artifacts and roles, Data Lake paths with ACLs, generated secrets."""
