/** The body of `POST /orders` that every check of the API lets through; of its SKUs nothing is said. */
export const anOrder = () => ({
  customerId: 'customer-1',
  lines: [
    { sku: 'SKU-0', quantity: 2 },
    { sku: 'SKU-1', quantity: 1 },
  ],
  payment: { token: 'tok_approve' },
  shipTo: {
    name: 'Ada Lovelace',
    line1: '12 St James’s Square',
    city: 'London',
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  },
})
