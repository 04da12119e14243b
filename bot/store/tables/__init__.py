"""One module of typed functions per table or report."""
