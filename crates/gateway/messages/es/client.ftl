# The merchant's pages.
