"""corpus/load"""
