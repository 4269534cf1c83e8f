"""Azure Key Vault (*.vault.azure.net): secrets, with the authentication challenge and RBAC."""
