"""An identity provider for tests and for trying things out: real protocols, invented people.

It speaks OpenID Connect (discovery, code with PKCE, ID tokens, userinfo), the same with tenants as
Microsoft does, and the dialects of GitHub and Bitbucket. Whoever opens its page is whom they say
they are: it belongs on a machine of one's own and nowhere else.
"""
