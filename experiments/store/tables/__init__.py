"""Tables for other programs: quantiles as CSV, xlsx and Stata files, draws as Parquet, and the IAMC's wide table."""
