"""The parts of the architecture: one ComponentResource a file, records in, typed outputs out."""
