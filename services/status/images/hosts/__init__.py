"""How many images may be out at a host that is silent or takes only so many, and which wait for it (pure)."""
