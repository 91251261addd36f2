"""The stack under attack, and the handles by which it is attacked. It knows no fault and judges nothing."""
