"""One module per command; `lab.cli.main` collects them."""
