"""How answers leave: JSON with a tag, objects whole or in part, streams, refusals. It knows no route."""
