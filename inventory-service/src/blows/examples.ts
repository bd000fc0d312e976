export const blowBody = {
  ...{ from_item_id: 'preform-500ml', to_item_id: 'bottle-500ml-a', input_quantity: 1000, quantity: 950 },
}

export const blowExample = {
  ...{ id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0fc001', status: 'completed', ...blowBody, warehouse_id: 'main' },
  ...{ wastage: 50, yield: 95, standard_yield: null, blow_cost_per_unit: 0, blow_cost_basis: 'output' },
  ...{ material_cost: 2000, blow_cost: 0, variance: 0, produced_cost: 2000, produced_unit_cost: 2.11, currency: 'USD' },
  ...{ notes: null, reversal: null, date: '2026-11-21', created_at: '2026-11-21T09:30:00.000Z' },
  ...{ created_by: 'USER-RAJ', version: 1 },
}

export const reversedExample = {
  ...{ ...blowExample, status: 'reversed', version: 2 },
  reversal: { reason: 'Entered twice', by: 'USER-RAJ', at: '2026-11-21T10:30:00.000Z' },
}

const sums = {
  ...{ runs: 1, input_quantity: 1000, quantity: 950, wastage: 50, yield: 95, material_cost: 2000, blow_cost: 0 },
  ...{ variance: 0, produced_cost: 2000, produced_unit_cost: 2.11 },
}
export const efficiencyExample = {
  ...{ currency: 'USD', total: sums, by_day: [{ date: '2026-11-21', ...sums }] },
  by_item: [{ from_item_id: 'preform-500ml', to_item_id: 'bottle-500ml-a', ...sums }],
}
