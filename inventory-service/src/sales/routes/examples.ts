export const saleBody = {
  customer_id: 'CUST-001',
  line_items: [
    { item_id: 'bottle-500ml-a', quantity: 100, unit_price: 4 },
    { item_id: 'bottle-1500ml-a', quantity: 50, unit_price: 6 },
  ],
}

const line = (item_id: string, item_name: string, quantity: number, unit_price: number) => ({
  ...{ item_id, item_name, quantity, unit_price, blow_price: null, total_price: quantity * unit_price },
  ...{ discount: 0, tax: 0, cost: quantity, returned_quantity: 0 },
})

export const saleExample = {
  bill_number: 'SO-251223-0026',
  customer_id: 'CUST-001',
  customer_name: 'ABC Grocery',
  status: 'confirmed',
  payment_status: 'pending',
  line_items: [
    line('bottle-500ml-a', 'Bottle 500ml Grade A', 100, 4),
    line('bottle-1500ml-a', 'Bottle 1500ml Grade A', 50, 6),
  ],
  ...{ subtotal: 700, discount: 0, tax_rate: 0, tax: 0, total_price: 700, cost: 150 },
  ...{ credited_amount: 0, paid_amount: 0, amount_due: 700, credit: 0, currency: 'USD' },
  warehouse_id: 'main',
  due_date: '2026-01-22',
  is_overdue: false,
  notes: null,
  date: '2025-12-23',
  created_at: '2025-12-23T14:30:00.000Z',
  created_by: 'USER-RAJ',
  shipped_at: null,
  cancelled_at: null,
  version: 1,
}

export const shippedExample = { ...saleExample, status: 'shipped', shipped_at: '2025-12-24T09:00:00.000Z', version: 2 }
export const cancelledExample = {
  ...{ ...saleExample, status: 'cancelled', credited_amount: 700, amount_due: 0 },
  ...{ cancelled_at: '2025-12-24T09:00:00.000Z', version: 2 },
}

const record = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0fb021',
  bill_number: 'SO-251223-0026',
  currency: 'USD',
  created_by: 'USER-RAJ',
  created_at: '2025-12-24T09:00:00.000Z',
}

export const paymentExample = {
  ...{ ...record, amount: 300, method: 'cash', reference: 'Receipt 17', payment_intent: null },
  ...{ status: 'succeeded', failure: null },
}
export const paidExample = { ...paymentExample, sale_status: 'confirmed', payment_status: 'partial', amount_due: 400 }
export const refundExample = {
  ...{ ...record, amount: 100, method: 'cash', reference: null, reason: 'Paid twice', payment_id: null },
  ...{ status: 'succeeded', failure: null },
}
export const returnExample = {
  ...record,
  line_items: [{ item_id: 'bottle-500ml-a', quantity: 10, credited: 40, tax: 0, cost: 10 }],
  ...{ credited: 40, restocked: true, reason: 'Caps leak' },
}
