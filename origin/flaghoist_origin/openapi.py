"""``python -m flaghoist_origin.openapi`` writes the document to standard output; `docs/openapi.json` is a copy."""

import json
import sys

from flaghoist_origin.http.app import all_routes
from flaghoist_origin.http.openapi.document import document

if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(all_routes()), indent=2) + "\n")
