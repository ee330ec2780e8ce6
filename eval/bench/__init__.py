"""Speed, scale and side-by-side comparisons; each file is a program of its own."""
