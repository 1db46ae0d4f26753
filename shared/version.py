"""The version of the product; CHANGELOG.md says what each one brought."""

VERSION = "0.1.0"
