"""Fakes of the ports, which pass the same conformance tests as the real parts. No service imports it."""
