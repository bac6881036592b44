MODEL (
  name raw.stores,
  kind SEED (
    path '../../seeds/stores.csv'
  ),
  owner operations,
  tags (core),
  description 'The stores, one row each.',
  grain store_id,
  columns (
    store_id INT,
    store_name TEXT,
    city TEXT,
    country TEXT,
    opened_on TEXT
  ),
  audits (
    unique_values(columns := (store_id))
  )
);
