"""What the routes say of themselves: schemas, and examples made by the code that answers."""
