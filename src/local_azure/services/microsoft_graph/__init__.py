"""Microsoft Graph (graph.microsoft.com): names of principals, for who may read the directory."""
