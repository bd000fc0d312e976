export const exampleEntry = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0fb108',
  height: 1204,
  at: '2025-12-23T14:30:00.000Z',
  actor: 'user:USER-RAJ',
  action: 'sale.refunded',
  entity_kind: 'sale',
  entity_id: 'SO-251223-0026',
  customer_ids: ['CUST-001'],
  reason: 'Paid twice',
  correlation_id: '01HV-req-9',
  causation_id: null,
  after: { bill_number: 'SO-251223-0026', amount_minor: '10000', currency: 'USD', method: 'cash' },
  previous_hash: '5f0c6a0a5f1b1d2c6d3f0b9e8a7c4d21f6e5b4a39281706f5e4d3c2b1a098f7e',
  hash: 'c1d2e3f405162738495a6b7c8d9eafb0c1d2e3f405162738495a6b7c8d9eafb0',
}

export const exampleVerdict = { valid: true, checked: 1204, height: 1204, first_break: null, next: null }
