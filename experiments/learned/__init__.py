"""What the data said and did not say: a page, figures and tables on one posterior."""
