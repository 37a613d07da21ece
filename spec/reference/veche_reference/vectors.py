"""x"""
def run(d): return True
