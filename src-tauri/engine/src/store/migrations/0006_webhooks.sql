-- Webhooks: whom to tell, and every delivery with its tries.

-- The secrets are kept as they are, for signing; the file is encrypted and no answer holds them again.
CREATE TABLE webhooks (
    seq             INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL CONSTRAINT webhooks_id_unique UNIQUE,
    rev             INTEGER NOT NULL,
    json            TEXT    NOT NULL,
    url             TEXT    NOT NULL,
    active          INTEGER NOT NULL,
    updated_at      TEXT    NOT NULL,
    secret          BLOB    NOT NULL,
    previous_secret BLOB,
    previous_until  TEXT
) STRICT;
CREATE INDEX webhooks_url        ON webhooks (url);
CREATE INDEX webhooks_updated_at ON webhooks (updated_at);

CREATE TABLE webhook_events (
    event   TEXT    NOT NULL,
    webhook INTEGER NOT NULL CONSTRAINT webhook_events_webhook REFERENCES webhooks (seq) ON DELETE CASCADE,
    PRIMARY KEY (event, webhook)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_events_webhook ON webhook_events (webhook);

-- One event for one webhook, written with the event itself. `body` is what is sent, the record as the change left it.
-- `tries` counts since the event or since it was last sent again by hand, `attempts` all of them.
CREATE TABLE deliveries (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL CONSTRAINT deliveries_id_unique UNIQUE,
    webhook    INTEGER NOT NULL CONSTRAINT deliveries_webhook REFERENCES webhooks (seq) ON DELETE CASCADE,
    event      TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    at         TEXT    NOT NULL,
    state      TEXT    NOT NULL CONSTRAINT deliveries_state_known CHECK (state IN ('pending', 'delivered', 'failed')),
    once       INTEGER NOT NULL, -- a test: one try
    by_hand    INTEGER NOT NULL, -- sent by a person: also while the webhook is paused
    tries      INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    first_at   TEXT,             -- the first of these tries
    next_at    TEXT    NOT NULL,
    last_at    TEXT,
    status     INTEGER,
    latency_ms INTEGER,
    error      TEXT,
    late       INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_due        ON deliveries (webhook, next_at, seq) WHERE state = 'pending';
CREATE INDEX deliveries_by_webhook ON deliveries (webhook, seq);
CREATE INDEX deliveries_by_state   ON deliveries (webhook, state, seq);
CREATE INDEX deliveries_settled    ON deliveries (at) WHERE state <> 'pending';

CREATE TABLE delivery_tries (
    delivery   INTEGER NOT NULL CONSTRAINT delivery_tries_delivery REFERENCES deliveries (seq) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    at         TEXT    NOT NULL,
    status     INTEGER,
    latency_ms INTEGER NOT NULL,
    error      TEXT,
    late       INTEGER NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

CREATE VIEW delivery_records AS
SELECT d.seq, d.webhook, d.state, d.event,
       json_object(
           'id', d.id, 'webhook_id', w.id, 'event', d.event, 'state', d.state, 'attempts', d.attempts, 'status', d.status,
           'latency_ms', d.latency_ms, 'error', d.error, 'late', json(iif(d.late, 'true', 'false')), 'created_at', d.at,
           'last_attempt_at', d.last_at, 'next_attempt_at', iif(d.state = 'pending', d.next_at, NULL)
       ) AS json
FROM deliveries d JOIN webhooks w ON w.seq = d.webhook;
