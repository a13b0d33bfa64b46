"""What a machine must have before a schedule can rest on it, looked at in a second and a half at most."""
