"""Azure Resource Manager (management.azure.com): the resource types that the architecture uses."""
