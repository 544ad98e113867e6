"""python -m tests.soak --seed 7 --purchases 2000 --database sqlite"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.soak.mails import to_mail
from tests.soak.run import soak
from tests.support import field_report
from tests.support.clusters import running_cluster
from tests.support.postgresql import empty_database, postgresql_server
from tests.support.processes import ROOT
from tests.support.smtp import MailServer


def main() -> None:
    options = _options()
    print(f"seed {options.seed}, {options.purchases} purchases on {options.database}", flush=True)
    mail_server = MailServer()
    with (
        _folder() as folder,
        _database(options.database) as environment,
        running_cluster(folder, environment | to_mail(mail_server), older_than="2s") as cluster,
    ):
        soaked = soak(cluster, mail_server, seed=options.seed, purchases=options.purchases)
        if soaked.wrong:
            (ROOT / f"var/soak-{options.seed}.log").write_text(cluster.said())
    print(soaked.summary)
    if soaked.wrong:
        sys.exit("\n".join(soaked.wrong))
    print("The rows of the shop and of Stripe agree.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--purchases", type=int, required=True)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], required=True)
    return parser.parse_args()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="minicart-soak-") as folder:
        field_report.begin(Path(folder))
        yield Path(folder)


@contextmanager
def _database(kind: str) -> Iterator[dict[str, str]]:
    if kind == "sqlite":
        yield {}
        return
    with postgresql_server() as server, empty_database(server) as address:
        yield {"DATABASE_URL": address}


if __name__ == "__main__":
    main()
