"""Stand-in of Pulumi's azure-native plugin: the resource types that are used, translated to Resource Manager requests.

It decides nothing that Resource Manager decides. Only for local stacks; the official plugin serves real subscriptions.
"""
