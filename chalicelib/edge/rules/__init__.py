"""The pure half of serving; every edge (local, CloudFront, Lambda@Edge) decides by these rules.

Standard library only and no input or output, so that a Lambda@Edge bundle can carry the folder.
"""
