-- The first schema. Statements are separated by a semicolon at the end of a line.

CREATE TABLE approvals (
    digest VARCHAR(64) NOT NULL,
    period VARCHAR(7) NOT NULL,
    content_hash VARCHAR(64) NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_approvals PRIMARY KEY (digest, period)
);

CREATE TABLE deliveries (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    digest VARCHAR(64) NOT NULL,
    period VARCHAR(7) NOT NULL,
    subscriber_id INTEGER NOT NULL,
    list VARCHAR(64) NOT NULL,
    language VARCHAR(12) NOT NULL,
    themes TEXT NOT NULL,
    state VARCHAR(12) NOT NULL,
    reason TEXT,
    blame VARCHAR(12),
    held BOOLEAN NOT NULL,
    doubts INTEGER NOT NULL,
    claim INTEGER NOT NULL,
    sender VARCHAR(32),
    attempts INTEGER NOT NULL,
    due VARCHAR(27),
    first_attempt VARCHAR(27),
    message_id TEXT,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT uq_deliveries_digest_period_subscriber_id UNIQUE (digest, period, subscriber_id)
);

CREATE INDEX ix_deliveries_digest_period_state_due ON deliveries (digest, period, state, due) WHERE state IN ('planned', 'deferred');

CREATE INDEX ix_deliveries_message_id ON deliveries (message_id);

CREATE INDEX ix_deliveries_sender ON deliveries (sender) WHERE sender IS NOT NULL;

CREATE TABLE editions (
    digest VARCHAR(64) NOT NULL,
    period VARCHAR(7) NOT NULL,
    list VARCHAR(64) NOT NULL,
    language VARCHAR(12) NOT NULL,
    themes TEXT NOT NULL,
    subject TEXT NOT NULL,
    html BLOB NOT NULL,
    text BLOB NOT NULL,
    stored_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_editions PRIMARY KEY (digest, period, list, language, themes)
);

CREATE TABLE facts (
    "key" VARCHAR(64) NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_facts PRIMARY KEY ("key")
);

CREATE TABLE gate_overrides (
    digest VARCHAR(64) NOT NULL,
    period VARCHAR(7) NOT NULL,
    rule VARCHAR(32) NOT NULL,
    why TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_gate_overrides PRIMARY KEY (digest, period, rule)
);

CREATE TABLE inquiries (
    item_id VARCHAR(26) NOT NULL,
    asked_at VARCHAR(27) NOT NULL,
    times INTEGER NOT NULL,
    status INTEGER,
    CONSTRAINT pk_inquiries PRIMARY KEY (item_id)
);

CREATE TABLE issue_edits (
    digest VARCHAR(64) NOT NULL,
    period VARCHAR(7) NOT NULL,
    title JSON NOT NULL,
    introduction JSON NOT NULL,
    lead VARCHAR(26),
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_issue_edits PRIMARY KEY (digest, period)
);

CREATE TABLE issue_items (
    digest VARCHAR(64) NOT NULL,
    item_id VARCHAR(26) NOT NULL,
    period VARCHAR(7) NOT NULL,
    position INTEGER NOT NULL,
    snapshot JSON,
    CONSTRAINT pk_issue_items PRIMARY KEY (digest, item_id)
);

CREATE INDEX ix_issue_items_digest_period ON issue_items (digest, period);

CREATE TABLE issues (
    digest VARCHAR(64) NOT NULL,
    period VARCHAR(7) NOT NULL,
    composed_at VARCHAR(27) NOT NULL,
    frozen_at VARCHAR(27),
    lead VARCHAR(26),
    total INTEGER,
    paused_at VARCHAR(27),
    CONSTRAINT pk_issues PRIMARY KEY (digest, period)
);

CREATE TABLE item_changes (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    item_id VARCHAR(26) NOT NULL,
    at VARCHAR(27) NOT NULL,
    source VARCHAR(64) NOT NULL,
    what VARCHAR(8) NOT NULL,
    why TEXT NOT NULL,
    fields JSON NOT NULL
);

CREATE INDEX ix_item_changes_item_id ON item_changes (item_id);

CREATE TABLE item_edits (
    digest VARCHAR(64) NOT NULL,
    item_id VARCHAR(26) NOT NULL,
    hidden BOOLEAN NOT NULL,
    theme VARCHAR(64),
    pinned BOOLEAN NOT NULL,
    position INTEGER,
    note JSON NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_item_edits PRIMARY KEY (digest, item_id)
);

CREATE TABLE item_places (
    item_id VARCHAR(26) NOT NULL,
    source VARCHAR(64) NOT NULL,
    position INTEGER NOT NULL,
    link TEXT,
    kicker TEXT,
    section TEXT,
    title TEXT,
    summary TEXT,
    published DATE,
    date_text TEXT,
    said VARCHAR(64) NOT NULL,
    how TEXT,
    first_seen VARCHAR(27) NOT NULL,
    last_seen VARCHAR(27) NOT NULL,
    absences INTEGER NOT NULL,
    missed_at VARCHAR(27),
    CONSTRAINT pk_item_places PRIMARY KEY (item_id, source)
);

CREATE INDEX ix_item_places_source_last_seen ON item_places (source, last_seen);

CREATE INDEX ix_item_places_source_published ON item_places (source, published);

CREATE TABLE item_skips (
    digest VARCHAR(64) NOT NULL,
    item_id VARCHAR(26) NOT NULL,
    period VARCHAR(7) NOT NULL,
    reason VARCHAR(64) NOT NULL,
    CONSTRAINT pk_item_skips PRIMARY KEY (digest, item_id)
);

CREATE TABLE items (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id VARCHAR(26) NOT NULL,
    source VARCHAR(64) NOT NULL,
    source_item_id TEXT,
    link TEXT,
    canonical TEXT,
    link_number VARCHAR(32),
    heading TEXT NOT NULL,
    day TEXT,
    title TEXT,
    summary TEXT,
    kicker TEXT,
    credit TEXT,
    section TEXT,
    place TEXT,
    language VARCHAR(12),
    image_url TEXT,
    image_alt TEXT,
    body TEXT,
    published DATE,
    published_at VARCHAR(27),
    precision VARCHAR(8) NOT NULL,
    date_text TEXT,
    first_seen VARCHAR(27) NOT NULL,
    updated VARCHAR(27) NOT NULL,
    "group" VARCHAR(26) NOT NULL,
    themes JSON NOT NULL,
    primary_theme VARCHAR(64) NOT NULL,
    evidence JSON NOT NULL,
    hidden BOOLEAN NOT NULL,
    merged_into VARCHAR(26),
    gone_at VARCHAR(27),
    edited JSON NOT NULL,
    CONSTRAINT uq_items_id UNIQUE (id)
);

CREATE INDEX ix_items_canonical ON items (canonical);

CREATE INDEX ix_items_day ON items (day);

CREATE INDEX ix_items_group ON items ("group");

CREATE INDEX ix_items_link_number ON items (link_number);

CREATE INDEX ix_items_source_item_id ON items (source_item_id);

CREATE TABLE own_pages (
    item_id VARCHAR(26) NOT NULL,
    words VARCHAR(64) NOT NULL,
    tried_at VARCHAR(27),
    good_at VARCHAR(27),
    tries INTEGER NOT NULL,
    problem TEXT,
    fields JSON NOT NULL,
    waits BOOLEAN NOT NULL,
    not_before VARCHAR(27),
    address TEXT,
    CONSTRAINT pk_own_pages PRIMARY KEY (item_id)
);

CREATE INDEX ix_own_pages_address ON own_pages (address);

CREATE INDEX ix_own_pages_waits ON own_pages (waits);

CREATE TABLE relay_paces (
    relay TEXT NOT NULL,
    rate FLOAT,
    connections INTEGER,
    resting_until VARCHAR(27),
    slowed_at VARCHAR(27),
    quiet_since VARCHAR(27),
    why TEXT,
    CONSTRAINT pk_relay_paces PRIMARY KEY (relay)
);

CREATE TABLE relay_use (
    relay TEXT NOT NULL,
    minute VARCHAR(27) NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_relay_use PRIMARY KEY (relay, minute)
);

CREATE TABLE robots (
    origin TEXT NOT NULL,
    asked_at VARCHAR(27) NOT NULL,
    text BLOB NOT NULL,
    CONSTRAINT pk_robots PRIMARY KEY (origin)
);

CREATE TABLE senders (
    id VARCHAR(32) NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at VARCHAR(27) NOT NULL,
    ended_at VARCHAR(27),
    CONSTRAINT pk_senders PRIMARY KEY (id)
);

CREATE TABLE sources (
    name VARCHAR(64) NOT NULL,
    read_at VARCHAR(27) NOT NULL,
    good_at VARCHAR(27),
    problem TEXT,
    items INTEGER NOT NULL,
    shapes JSON NOT NULL,
    alarms JSON NOT NULL,
    CONSTRAINT pk_sources PRIMARY KEY (name)
);

CREATE TABLE subscribers (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL,
    address_key TEXT NOT NULL,
    name TEXT,
    language VARCHAR(12) NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    CONSTRAINT uq_subscribers_address_key UNIQUE (address_key)
);

CREATE TABLE suppressions (
    address_hash VARCHAR(64) NOT NULL,
    reason TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_suppressions PRIMARY KEY (address_hash)
);

CREATE TABLE visits (
    source VARCHAR(64) NOT NULL,
    url TEXT NOT NULL,
    asked_at VARCHAR(27) NOT NULL,
    is_good BOOLEAN NOT NULL,
    manner VARCHAR(64) NOT NULL,
    etag TEXT,
    last_modified TEXT,
    moved_to TEXT,
    not_before VARCHAR(27),
    pages_left BOOLEAN NOT NULL,
    ended_at VARCHAR(27),
    CONSTRAINT pk_visits PRIMARY KEY (source, url)
);

CREATE TABLE attempts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    delivery_id INTEGER NOT NULL,
    claim INTEGER NOT NULL,
    at VARCHAR(27) NOT NULL,
    phase VARCHAR(12) NOT NULL,
    verdict VARCHAR(12) NOT NULL,
    code INTEGER,
    enhanced VARCHAR(12),
    reply TEXT NOT NULL,
    CONSTRAINT fk_attempts_delivery_id_deliveries FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);

CREATE INDEX ix_attempts_delivery_id ON attempts (delivery_id);

CREATE TABLE subscriptions (
    list VARCHAR(64) NOT NULL,
    subscriber_id INTEGER NOT NULL,
    status VARCHAR(8) NOT NULL,
    themes JSON NOT NULL,
    origin TEXT NOT NULL,
    changed_at VARCHAR(27) NOT NULL,
    CONSTRAINT pk_subscriptions PRIMARY KEY (list, subscriber_id),
    CONSTRAINT fk_subscriptions_subscriber_id_subscribers FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
);

CREATE INDEX ix_subscriptions_subscriber_id ON subscriptions (subscriber_id);
