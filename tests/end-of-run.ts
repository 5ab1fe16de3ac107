const endings: (() => Promise<unknown>)[] = []

/**
 * Registers what ends or removes something that the tests of this process share; called once after all of
 * them, last registered first.
 */
export const atEndOfRun = (end: () => Promise<unknown>): void => {
  endings.push(end)
}

/**
 * Mocha calls it after the tests of a process; a worker of the suite calls it after the last of its files.
 */
export const mochaGlobalTeardown = async (): Promise<void> => {
  for (const end of endings.splice(0).reverse()) await end()
}
