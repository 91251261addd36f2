"""The command `pixmill`: what a person or a script says and sees. `Client` does the asking."""
