"""Building blocks of reports (tables, charts, columns of figures), and XLSX, PPTX, HTML and CSV writers."""
