"""Plans as folders: which are there, what one holds, what its targets still lack, and one to start from."""
