"""Real input for local runs: Synthea patients, device telemetry, DICOM files; databases and folders to hold them.

Nothing here speaks to Azure; what a pipeline reads is put into a source database or into a folder by this package.
"""
