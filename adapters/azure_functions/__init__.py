"""The API as a function app on Azure."""
