"""What a deployment is made of, what is known against it, who says so, and how to do better."""
