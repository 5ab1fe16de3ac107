import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { codeOf, SagaError } from '../errors.ts'

/** Where a server is to listen, and the variable that says so. */
export type ListenAddress = { readonly port: number; readonly host: string; readonly variable: string }

/**
 * Resolves with the port that the server listens on, which is the one asked for unless that is 0.
 * @throws SagaError `port-taken` (never retried) naming the port and its variable; `config-invalid` when the
 * host is not one of this machine.
 */
export const listenAt = (server: Server, address: ListenAddress): Promise<{ port: number }> =>
  new Promise((resolve, reject) => {
    const refuse = (error: Error) => reject(asSagaError(error, address))
    server.once('error', refuse)
    server.listen({ port: address.port, host: address.host }, () => {
      server.off('error', refuse)
      resolve({ port: (server.address() as AddressInfo).port })
    })
  })

const asSagaError = (cause: Error, { port, host, variable }: ListenAddress): SagaError =>
  codeOf(cause) === 'EADDRINUSE'
    ? new SagaError('port-taken', `port ${port} of ${host} is in use; ${variable} chooses another one`, {
        retry: 'never',
        cause,
      })
    : new SagaError(
        'config-invalid',
        `cannot listen on ${host} port ${port} (${codeOf(cause)}); see ${variable}`,
        {
          retry: 'never',
          cause,
        },
      )

/** Resolves when no connection is left; those that are idle are closed at once. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve())
  })
