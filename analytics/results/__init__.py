"""Figures, tables and charts of a period as data, and the XLSX, PPTX, HTML and CSV files made of them."""
