// Subscriptions over the management API, and the client's own check of what arrives.
import http from 'node:http'
import { client, connect, hubspot, assert, answer, env, control, refused } from './portal.mjs'

const app = Number(env.APP_ID)
const admin = connect({ accessToken: '', developerApiKey: env.CLIENT_SECRET })
const { settingsApi, subscriptionsApi } = admin.webhooks

const deliveries = []
let arrived = () => {}
const target = http.createServer((req, res) => {
  const parts = []
  req.on('data', (part) => parts.push(part)).on('end', () => {
    deliveries.push({ headers: req.headers, method: req.method, url: `http://${req.headers.host}${req.url}`, body: Buffer.concat(parts).toString() })
    res.writeHead(deliveries.length === 1 ? 503 : 204).end() // the first delivery comes again
    arrived()
  })
})
await new Promise((ready) => target.listen(0, '127.0.0.1', ready))
const targetUrl = `http://127.0.0.1:${target.address().port}/hook?to=%40us`

const stranger = await refused(401, () => connect({ accessToken: '', developerApiKey: 'wrong' }).webhooks.settingsApi.getAll(app))
assert.equal(stranger.category, 'INVALID_AUTHENTICATION')
await settingsApi.configure(app, { targetUrl, throttling: { maxConcurrentRequests: 10 } })
assert.equal((await settingsApi.getAll(app)).targetUrl, targetUrl)
const born = await subscriptionsApi.create(app, { eventType: 'contact.creation', active: true })
const named = await subscriptionsApi.create(app, { eventType: 'contact.propertyChange', propertyName: 'firstname', active: false })
await subscriptionsApi.update(Number(named.id), app, { active: true })
assert.equal((await subscriptionsApi.getById(Number(named.id), app)).active, true)
await subscriptionsApi.updateBatch(app, { inputs: [{ id: Number(named.id), active: true }] })
assert.equal((await subscriptionsApi.getAll(app)).results.length, 2)

// until gives the first delivery that fits, waiting for it if need be.
async function until(fits) {
  for (;;) {
    const found = deliveries.find(fits)
    if (found) return found
    await new Promise((resolve) => { arrived = resolve })
  }
}
const accepts = (d, signatureVersion, signature) => hubspot.Signature.isValid({ signatureVersion, signature, method: d.method,
  clientSecret: env.CLIENT_SECRET, requestBody: d.body, url: decodeURIComponent(d.url), timestamp: Number(d.headers['x-hubspot-request-timestamp']) })
const older = (d, version) => d.headers['x-hubspot-signature-version'] === version && hubspot.Signature.isValid({ signatureVersion: version,
  signature: d.headers['x-hubspot-signature'], method: d.method, clientSecret: env.CLIENT_SECRET, requestBody: d.body, url: d.url })

const made = await client.crm.contacts.basicApi.create({ properties: { firstname: 'Ann', email: 'a@x.example' } })
const refusedOnce = await until((d) => d.body.includes('contact.creation'))
await control('clock', { advance: '90s' })
const again = await until((d) => d.body.includes('"attemptNumber":1'))
const events = JSON.parse(again.body)
assert.deepEqual(events.map((e) => e.subscriptionType).sort(), ['contact.creation', 'contact.propertyChange'])
assert.ok(events.every((e) => e.changeSource === 'INTEGRATION' && e.sourceId === env.APP_ID && String(e.objectId) === made.id))
assert.deepEqual(events.map((e) => e.eventId).sort(), JSON.parse(refusedOnce.body).map((e) => e.eventId).sort())
const checks = { v1: older(refusedOnce, 'v1'), v3: accepts(refusedOnce, 'v3', refusedOnce.headers['x-hubspot-signature-v3']) }

await control('settings', { signature_v2: true })
await subscriptionsApi.archive(Number(born.id), app)
await client.crm.contacts.basicApi.update(made.id, { properties: { firstname: 'Bea' } })
const second = await until((d) => d.body.includes('Bea'))
checks.v2 = older(second, 'v2')
checks.forged = older({ ...second, body: second.body.replace('Bea', 'Eve') }, 'v2')
await settingsApi.clear(app)
await refused(404, () => settingsApi.getAll(app))
target.close()
target.closeAllConnections()
answer(checks)
