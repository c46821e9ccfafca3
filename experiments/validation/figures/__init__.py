"""The figures of the validation, one file each."""
