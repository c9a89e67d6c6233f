"""The API in a container: Cloud Run, Knative, or any computer that runs containers."""
