"""Microsoft Entra sign-in (login.microsoftonline.com): discovery documents, keys and tokens for applications."""
