"""A module a verb: options in, a call of the layers below, a document out."""
