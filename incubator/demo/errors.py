class NotPossible(Exception):
    """Why no demonstration camp can be made here, in words for whoever asked at the terminal."""
