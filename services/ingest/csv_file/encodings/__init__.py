"""In which encoding a file is: by its marks, its bytes, and what reads as a language. It knows no columns."""
