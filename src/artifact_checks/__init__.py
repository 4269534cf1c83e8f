"""Everything that can be known to be wrong with a folder of artifacts before anything is written."""
