/**
 * For a query that ends with its first answer: with room for one more than there can be, the server leaves no
 * cursor open.
 */
export const onePage = (limit: number) => ({ limit, batchSize: limit + 1 })
