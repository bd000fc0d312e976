/** The example of the documentation: 1000 preforms for 2000.00 that yield 950 bottles, at 2.11 each. */
export const SAMPLE_SUPPLIERS = [
  { id: 'SUP-001', name: 'Polymer Works', contact: '+91 80 5550 0201', address: '3 Foundry Lane, Hosur' },
  { id: 'SUP-002', name: 'Deccan Preforms', contact: '+91 80 5550 0202', address: '41 Ring Road, Bengaluru' },
] as const

export const SAMPLE_ITEMS = [
  { id: 'preform-500ml', name: 'Preform 500ml', type: 'preform', size: '500ml', grade: null },
  { id: 'bottle-500ml-b', name: 'Bottle 500ml Grade B', type: 'bottle', size: '500ml', grade: 'B' },
] as const

export const SAMPLE_PURCHASE = {
  at: new Date('2025-12-22T04:30:00Z'),
  supplierId: 'SUP-001',
  line: { itemId: 'preform-500ml', quantity: 1000, unitPriceMinor: 200n },
}

export const SAMPLE_BLOW = {
  at: new Date('2025-12-22T09:00:00Z'),
  ...{ fromItemId: 'preform-500ml', toItemId: 'bottle-500ml-b', inputQuantity: 1000, quantity: 950 },
}
