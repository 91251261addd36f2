"""The only way out to the internet: every address is judged where it is connected to. It knows no meaning
of a URL.
"""
