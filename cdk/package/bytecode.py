"""Compiles a folder for a Python that finds it unpacked elsewhere: `python bytecode.py FOLDER`.

Lambda's folders cannot be written, so without bytecode every cold start compiles every module.
The files say "never compare me with my source" (PEP 552), so times do not matter. Run by the
Python that is to read the result; standard library only, one file.
"""

import importlib.util
import marshal
import sys
from pathlib import Path

UNCHECKED = (1).to_bytes(4, "little") + bytes(8)


def compile_folder(folder: Path) -> int:
    """Write a .pyc for every .py below `folder`; returns how many there are.

    Code carries the path inside the folder; the import puts the real one there. What is no Python
    of this version (templates of libraries) is left as it is. Marshal 2 has no references between
    objects, so the bytes repeat.
    """
    made = 0
    for source in sorted(folder.rglob("*.py")):
        name = source.relative_to(folder).as_posix()
        try:
            code = compile(source.read_bytes(), name, "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, ValueError):
            continue
        target = Path(importlib.util.cache_from_source(str(source), optimization=""))
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(importlib.util.MAGIC_NUMBER + UNCHECKED + marshal.dumps(code, 2))
        made += 1
    return made


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python bytecode.py FOLDER")
    print(compile_folder(Path(sys.argv[1])))
