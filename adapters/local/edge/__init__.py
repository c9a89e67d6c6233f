"""The edge server of the embedded cloud: the sites, on their own host names.

One process, one event loop (uvloop) and one parser (llhttp through httptools). A request whose
answer lies in memory is answered inside the parser's callback; everything else takes a task.
"""
