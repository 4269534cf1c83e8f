"""What comes after what, where no value says so: roles before what they open, and the other way round when it goes."""

import pulumi


def after(*resources: pulumi.Resource) -> pulumi.ResourceOptions:
    """Options of a component: it, and each resource in it, depends on these.

    A component's own `depends_on` orders what is made and what is destroyed. Of resources that are replaced the engine
    compares what each itself depends on: without that it may take away the role first that opens what is still to go.
    """

    def depending(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        own = pulumi.ResourceOptions(depends_on=list(resources))
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, own))

    return pulumi.ResourceOptions(transformations=[depending])
