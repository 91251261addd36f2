"""How routes say what they answer, and the OpenAPI document that comes of it. It knows no single route."""
