"""The camp. Imports nothing: commands that run before the packages are installed start from here."""
