#+ summary: Empties a graph.
DROP SILENT GRAPH ?graph
