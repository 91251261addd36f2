"""The frames of moving pictures, as every viewer shows them (pure)."""
