"""What a person may ask for, a file for each command or for those that are alike."""
