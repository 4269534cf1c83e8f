"""The settings of the blob service: written by official clients, and kept where Resource Manager reads them."""

from __future__ import annotations

from azure.storage.blob import BlobAnalyticsLogging, CorsRule, Metrics, RetentionPolicy, StaticWebsite
from lake_bench import OWNER, Bench, refused


def test_settings_are_read_as_they_were_written(bench: Bench) -> None:
    bench.assign("Contributor", OWNER)
    service = bench.blobs()
    rule = CorsRule(["https://a", "https://b"], ["GET", "PUT"], max_age_in_seconds=9, allowed_headers=["x-ms-*"])
    service.set_service_properties(
        analytics_logging=BlobAnalyticsLogging(),
        hour_metrics=Metrics(enabled=False),
        minute_metrics=Metrics(enabled=False),
        cors=[rule],
        target_version="2023-11-03",
        delete_retention_policy=RetentionPolicy(enabled=True, days=5),
        static_website=StaticWebsite(enabled=False),
    )
    found = service.get_service_properties()
    assert (found["delete_retention_policy"].enabled, found["delete_retention_policy"].days) == (True, 5)
    assert (found["target_version"], len(found["cors"])) == ("2023-11-03", 1)
    assert found["cors"][0].allowed_origins == "https://a,https://b"
    document = bench.azure.context.resources.get(f"{bench.arm_id}/blobServices/default")
    assert document is not None
    assert document["properties"]["cors"]["corsRules"][0]["maxAgeInSeconds"] == 9


def test_settings_that_are_not_named_stay(bench: Bench) -> None:
    bench.assign("Contributor", OWNER)
    service = bench.blobs()
    service.set_service_properties(delete_retention_policy=RetentionPolicy(enabled=True, days=5))
    service.set_service_properties(cors=[])
    assert service.get_service_properties()["delete_retention_policy"].days == 5


def test_who_only_reads_data_may_not_write_settings(bench: Bench) -> None:
    bench.assign("Storage Blob Data Contributor", "data-scientist")
    with refused(403, "AuthorizationPermissionMismatch"):
        bench.blobs("data-scientist").set_service_properties(cors=[])
