"""What happens to deployments: created, carried through the pipeline, promoted, finished."""
