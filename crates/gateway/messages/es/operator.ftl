# The operator's pages.
