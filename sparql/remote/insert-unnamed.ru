#+ summary: Adds triples with blank nodes to a graph; not every server takes those as data.
INSERT { GRAPH ?graph {
?triples
} } WHERE {}
