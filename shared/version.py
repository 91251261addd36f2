"""The version of all that is deployed together: docs/stability.md says what is promised of it."""

VERSION = "1.0.0"
