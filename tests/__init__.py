import os

os.environ.setdefault("TEXTUAL_FPS", "500")  # Textual reads it when it is imported; tests wait for many frames
