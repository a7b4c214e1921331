"""One module per verb: parses the options, calls the layers below and returns a document."""
