# Vigie's image: Airflow and everything of requirements.txt, pinned and hashed. The authors' files are mounted.
FROM python:3.12-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 50000 vigie

WORKDIR /vigie
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY --chown=vigie:vigie . .
RUN mkdir -p logs && chown vigie:vigie /vigie logs

# Time zones are those of the pinned package tzdata, not the image's.
ENV PYTHONTZPATH=""
ENV AIRFLOW_HOME=/vigie AIRFLOW__LOGGING__BASE_LOG_FOLDER=/vigie/logs PYTHONPATH=/vigie/plugins
USER vigie
CMD ["airflow", "version"]
