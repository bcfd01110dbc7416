// The client's own retries against both rate limits. Its waits pass on the
// portal's clock instead of ours, so that it waits as long as it wants to.
import { connect, control, assert, answer } from './portal.mjs'

const waits = []
const real = globalThis.setTimeout
globalThis.setTimeout = (run, ms, ...args) => {
  if (!new Error().stack.includes('RetryDecorator')) return real(run, ms, ...args)
  waits.push(ms)
  return void control('clock', { advance: `${ms}ms` }).then(() => run(...args))
}

const client = connect({ numberOfApiCallRetries: 3 })
const made = []
for (let i = 0; i < 7; i++) made.push((await client.crm.contacts.basicApi.create({ properties: { email: `c${i}@x.example` } })).id)
const rolling = waits.splice(0)
for (let i = 0; i < 3; i++) {
  const found = await client.crm.contacts.searchApi.doSearch({ filterGroups: [], properties: ['email'], limit: 100 })
  assert.equal(found.total, made.length)
}
const secondly = waits.splice(0)

const impatient = connect()
const refusals = []
for (let i = 0; i < 8; i++) await impatient.crm.contacts.basicApi.getPage().catch((e) => refusals.push(e))
assert.ok(refusals.length > 0)
assert.deepEqual(new Set(refusals.map((e) => e.code)), new Set([429]))
assert.equal(refusals[0].body.policyName, 'TEN_SECONDLY_ROLLING')
answer({ made, rolling, secondly })
