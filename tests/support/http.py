"""httpx with a timeout for a busy machine, and without the proxies of the environment."""

from functools import partial

import httpx

from tests.support.waiting import LIMIT_SECONDS

get = partial(httpx.get, timeout=LIMIT_SECONDS, trust_env=False)
post = partial(httpx.post, timeout=LIMIT_SECONDS, trust_env=False)
# A visitor presses a button of the shop's page. Without it the shop takes all for one program.
BROWSER = {"Sec-Fetch-Site": "same-origin"}
Client = partial(httpx.Client, timeout=LIMIT_SECONDS, trust_env=False)
