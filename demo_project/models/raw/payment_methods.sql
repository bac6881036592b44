MODEL (
  name raw.payment_methods,
  kind SEED (
    path '../../seeds/payment_methods.csv'
  ),
  owner finance,
  tags (finance),
  description 'Ways to pay, and what each costs the shop.',
  grain method_id,
  columns (
    method_id INT,
    method_name TEXT,
    fee_percent DOUBLE
  ),
  audits (
    unique_values(columns := (method_id)),
    not_null(columns := (fee_percent))
  )
);
