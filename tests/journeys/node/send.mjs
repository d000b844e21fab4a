// Tells the story of a trial account with the real SDK: node send.mjs <url> <write key> <account>
import { Analytics } from '@segment/analytics-node'

const [url, writeKey, account] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host: url, flushAt: 20, flushInterval: 100, maxRetries: 5 })
analytics.on('error', (error) => {
  console.error(error)
  process.exitCode = 1
})

const userId = `ava-${account}`
analytics.identify({ userId, traits: { name: 'Ava Lindqvist', email: 'ava@northwind.example' } })
analytics.group({ userId, groupId: account, traits: { name: 'Northwind', plan: 'trial' } })
await analytics.flush()
for (const event of ['Integration Connected', 'Report Created', 'Report Created', 'Report Created']) {
  analytics.track({ userId, event, context: { groupId: account } })
}
analytics.track({ userId, event: 'Invite Sent', properties: { invitee_email: 'ben@northwind.example' }, context: { groupId: account } })
await analytics.closeAndFlush({ timeout: 20000 })
