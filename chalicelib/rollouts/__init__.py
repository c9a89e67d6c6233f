"""How a release reaches visitors: in steps, each of them judged, and back when it does harm."""
