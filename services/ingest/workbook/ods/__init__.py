"""Reads a workbook of LibreOffice (OpenDocument). It knows nothing of CSVs."""
