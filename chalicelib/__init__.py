"""CloudDeck, the product: subjects, their ports and the clouds behind them."""
