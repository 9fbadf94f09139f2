-- The workspace's risk matrix, once it is another than the standard one: no row, or one.
CREATE TABLE matrices (
    seq  INTEGER PRIMARY KEY,
    id   TEXT    NOT NULL CONSTRAINT matrices_id_unique UNIQUE,
    rev  INTEGER NOT NULL,
    json TEXT    NOT NULL
) STRICT;
