type Fetch = (url: string, init: object) => Promise<Response>

// The global fetch goes through the proxy of the environment where Node is told so (NODE_USE_ENV_PROXY), also
// to this machine: a proxy knows neither loopback nor the servers of a private network. Loaded when it is
// used: that takes a third of the start of a command.
const open = async (): Promise<Fetch> => {
  const { Agent, fetch } = await import('undici')
  const dispatcher = new Agent()
  // The types of the package and those of Node name the same things twice.
  const untyped = fetch as unknown as Fetch
  return (url, init) => untyped(url, { ...init, dispatcher })
}

let opened: Promise<Fetch> | undefined

/** `fetch` that reaches its server without a proxy, whatever the environment says. */
export const fetchDirectly = async (url: string, init: RequestInit = {}): Promise<Response> => {
  opened ??= open()
  return (await opened)(url, init)
}
