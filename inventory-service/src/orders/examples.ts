const shippingExample = {
  ...{ name: 'Asha Rao', address: '12 Lake Road', city: 'Pune', postal_code: '411001', country: 'India' },
  phone: '+91 20 5550 1234',
}

export const orderBody = {
  items: [{ product: 'blue-mug', quantity: 2 }],
  ...{ shipping: shippingExample, payment_method: 'card' },
}

export const orderExample = {
  ...{ id: 'ORD-7K3M-9QXT-V2HC', order_number: 'ORD-7K3M-9QXT-V2HC' },
  ...{ user_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11', status: 'pending' },
  ...{ payment_method: 'card', payment_status: 'pending' },
  items: [
    {
      ...{ product: 'blue-mug', name: 'Blue mug', vendor: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a12', quantity: 2 },
      ...{ price: 9.99, subtotal: 19.98, discount: 0, tax: 0, total: 19.98, returned: 0 },
    },
  ],
  ...{ subtotal: 19.98, discount: 0, tax: 0, shipping_fee: 0, total: 19.98, currency: 'USD', coupon: null },
  shipping: shippingExample,
  payment: {
    ...{ intent_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a81', client_secret: 'pi_3QxT_secret_V2HC' },
    ...{ pay_by: '2026-11-21T10:00:00.000Z', failure: null },
  },
  ...{ cancel_reason: null, refunds: [], returns: [] },
  history: [{ status: 'pending', at: '2026-11-21T09:30:00.000Z', note: null }],
  ...{ placed_at: '2026-11-21T09:30:00.000Z', paid_at: null, shipped_at: null, delivered_at: null, version: 2 },
}
