"""Validates a KGX graph with the kgx package; run with its own Python, because kgx pins old versions of common libraries.

kgx would fetch the Biolink model and its prefixes from GitHub. Here they come from the `biolink-model` package instead; `ctres` is added to
the prefixes, as kgx asks of those who bring their own. Prints the errors and warnings as JSON.
"""

import json
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import bmt.toolkit
import yaml

model = files("biolink_model") / "schema" / "biolink_model.yaml"
# The predicate mappings are for clients of old versions of the model; the validator does not use them.
bmt.toolkit.Toolkit.__init__.__defaults__ = (str(model), {"predicate mappings": []}, *bmt.toolkit.Toolkit.__init__.__defaults__[2:])

import kgx.config  # noqa: E402

prefixes = yaml.load(model.read_text(), yaml.CSafeLoader)["prefixes"]
context = Path(tempfile.mkdtemp()) / "context.jsonld"
context.write_text(json.dumps({"@context": {"ctres": "https://w3id.org/ctres/", **{prefix: str(iri) for prefix, iri in prefixes.items()}}}))
kgx.config.get_config()["jsonld-context"]["biolink"] = str(context)

from kgx.transformer import Transformer  # noqa: E402
from kgx.validator import Validator  # noqa: E402

validator = Validator()
transformer = Transformer()
transformer.transform({"filename": sys.argv[1:], "format": "tsv"})
graph = transformer.store.graph
validator.validate(graph)
found = {
    f"{level} {kind}: {text}": sorted({str(one) for one in who})
    for level, kinds in validator.errors.items()
    for kind, texts in kinds.items()
    for text, who in texts.items()
}
print(json.dumps({"nodes": graph.number_of_nodes(), "edges": graph.number_of_edges(), "found": found}))
