"""stub"""
def meetings_of(user, now):
    return []
