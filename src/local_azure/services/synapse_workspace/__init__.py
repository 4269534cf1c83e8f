"""The Synapse development endpoint (`<workspace>.dev.azuresynapse.net`): artifacts, roles, triggers and runs."""
