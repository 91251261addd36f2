"""What the command prints: lines, tables, bars, JSON, and each error as a sentence with a way out. It asks
nobody.
"""
