"""What is done to the world, one fault after another. Each is healed before it is told. It judges nothing."""
