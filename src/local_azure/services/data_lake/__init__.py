"""Data Lake Storage and Blob Storage (*.dfs.core.windows.net, *.blob.core.windows.net) over one set of files."""
