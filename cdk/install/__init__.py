"""`python -m cdk`: installing, upgrading, examining and removing CloudDeck in an AWS account."""
