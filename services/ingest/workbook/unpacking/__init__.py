"""Unpacks a workbook and reads its markup, all within bounds. It knows neither Excel nor LibreOffice."""
