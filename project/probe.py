"""`python -m project.probe`: the container's health check asks its own server for /readyz."""

import os
import sys
from http.client import HTTPConnection

if __name__ == "__main__":
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
    connection.request("GET", "/readyz")
    sys.exit(connection.getresponse().status != 200)
