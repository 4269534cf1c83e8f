"""Local stand-in of the Azure services that the architecture uses: one process, 127.0.0.1 only, not for production."""
