"""What the routes say of themselves: forms, schemas, and examples made by the code that answers."""
