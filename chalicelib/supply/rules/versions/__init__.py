"""How each ecosystem orders its versions."""
