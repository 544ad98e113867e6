# The shop's image. `docker build .` builds production; `--target demo` adds the local Stripe.

FROM python:3.13-slim-trixie AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

# The locked dependencies. Wheels only: building from source would need a compiler.
FROM base AS packages
COPY requirements/production.txt requirements/sandbox.txt /tmp/
RUN python -m venv --without-pip /venv && pip --python /venv/bin/python install --no-cache-dir \
      --only-binary :all: --require-hashes -r /tmp/production.txt

FROM packages AS demo-packages
RUN pip --python /venv/bin/python install --no-cache-dir \
      --only-binary :all: --require-hashes -r /tmp/sandbox.txt

# The shop, with compiled translations and with hashed and compressed static files.
FROM packages AS built
COPY manage.py pyproject.toml ./
COPY project project
COPY web web
COPY store store
COPY cart cart
COPY payments payments
COPY notifications notifications
COPY templates templates
COPY static static
COPY locale locale
RUN PATH=/venv/bin:$PATH && pybabel --quiet compile -D django -d locale \
    && ENV_FILE=/dev/null SECRET_KEY=only-for-collecting-the-static-files-of-this-image ALLOWED_HOSTS=build BASE_URL=http://build \
       python manage.py collectstatic --noinput -v0

FROM base AS server
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin minicart \
    && mkdir /data && chown minicart /data
ENV PATH=/venv/bin:$PATH VAR_DIR=/data WEB_CONCURRENCY=2
USER minicart
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-m", "project.probe"]
CMD ["python", "-m", "project.server"]

FROM server AS demo
COPY --from=demo-packages /venv /venv
COPY --from=built /app /app
COPY stripe_sandbox stripe_sandbox

FROM server AS production
COPY --from=packages /venv /venv
COPY --from=built /app /app
