"""File lists, blobs and manifests: what a deployment is made of."""
