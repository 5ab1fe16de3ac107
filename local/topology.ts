import { type BrokerAdmin, managementApi } from './management.ts'
import type { Secrets } from './secrets.ts'

/** The broker users of a system. `operator` is for people at the management UI. */
export const brokerUsers = ['order', 'inventory', 'payment', 'shipping', 'operator'] as const

/** Declares vhost, users and rights. */
export const applyTopology = async (admin: BrokerAdmin, vhost: string, secrets: Secrets): Promise<void> => {
  const api = managementApi(admin)
  const at = encodeURIComponent(vhost)
  await api('PUT', `/api/vhosts/${at}`, {})
  for (const user of [admin.adminUser, ...brokerUsers]) {
    const tags = user === 'operator' ? 'management' : ''
    if (user !== admin.adminUser) await api('PUT', `/api/users/${user}`, { password: secrets[user], tags })
    await api('PUT', `/api/permissions/${at}/${encodeURIComponent(user)}`, {
      configure: '.*',
      write: '.*',
      read: '.*',
    })
  }
}
