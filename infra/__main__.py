"""What `pulumi up` runs: settings, then the checks that need no resource, then the resources, then the exports."""

from infra.deployment import deploy

deploy()
