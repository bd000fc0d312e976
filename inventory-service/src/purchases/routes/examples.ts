export const purchaseBody = {
  supplier_id: 'SUP-001',
  line_items: [{ item_id: 'preform-500ml', quantity: 1000, unit_price: 2 }],
}

const line = { item_id: 'preform-500ml', item_name: 'Preform 500ml', quantity: 1000, unit_price: 2, total_price: 2000 }
const receipt = {
  at: '2026-11-21T09:30:00.000Z',
  by: 'USER-RAJ',
  line_items: [{ item_id: 'preform-500ml', quantity: 1000 }],
}

export const purchaseExample = {
  bill_number: 'PO-261121-0001',
  supplier_id: 'SUP-001',
  supplier_name: 'Polymer Works',
  supplier_reference: null,
  status: 'received',
  payment_status: 'pending',
  line_items: [{ ...line, tax: 0, received_quantity: 1000, returned_quantity: 0 }],
  ...{ subtotal: 2000, tax_rate: 0, tax: 0, total_amount: 2000, owed_amount: 2000, paid_amount: 0, amount_due: 2000 },
  ...{ advance: 0, currency: 'USD', warehouse_id: 'main', receipts: [receipt], returns: [], late_costs: [] },
  ...{ due_date: '2026-12-21', is_overdue: false, notes: null, date: '2026-11-21' },
  ...{ created_at: '2026-11-21T09:30:00.000Z', created_by: 'USER-RAJ', version: 2 },
}

export const orderedExample = {
  ...{ ...purchaseExample, status: 'ordered', receipts: [], owed_amount: 0, version: 1 },
  line_items: [{ ...line, tax: 0, received_quantity: 0, returned_quantity: 0 }],
}
export const cancelledExample = { ...orderedExample, status: 'cancelled', amount_due: 0, version: 2 }

const payment = {
  method: 'bank',
  reference: 'TRX-4711',
  created_at: '2026-11-22T09:30:00.000Z',
  created_by: 'USER-RAJ',
}
export const paymentExample = {
  ...{
    id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0fb001',
    bill_number: 'PO-261121-0001',
    kind: 'payment',
    status: 'succeeded',
  },
  ...{ amount: 500, ...payment, reason: null },
}
export const paidExample = { ...paymentExample, payment_status: 'partial', amount_due: 1500 }
export const refundExample = {
  ...paidExample,
  kind: 'refund',
  reason: 'Paid twice',
  payment_status: 'pending',
  amount_due: 2000,
}

export const costExample = {
  ...{ ...purchaseExample, total_amount: 2100, owed_amount: 2100, amount_due: 2100, version: 3 },
  late_costs: [
    {
      ...{ at: '2026-11-25T09:30:00.000Z', by: 'USER-RAJ', kind: 'bill_difference', reason: 'The resin price rose' },
      ...{ amount: 100, to_stock: 40 },
    },
  ],
}
