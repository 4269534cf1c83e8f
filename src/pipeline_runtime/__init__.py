"""Synapse and Data Factory pipelines: their expression language, activities and control flow, interpreted over ports.

Knows nothing of HTTP, storage, SQL or data flows: what touches a service is a port (`pipeline_runtime.ports`).
"""
