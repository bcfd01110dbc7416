// What only contacts and companies do: conflicts, merges, privacy, silent stages.
import { client, assert, answer, refused, control } from './portal.mjs'

const { basicApi, batchApi } = client.crm.contacts
const make = async (email, more = {}) => (await basicApi.create({ properties: { email, ...more }, associations: [] })).id

const a = await make('a@x.example', { firstname: 'Ann', lifecyclestage: 'customer' })
const taken = await refused(409, () => make('A@X.example'))
assert.deepEqual([taken.category, taken.message], ['CONFLICT', `Contact already exists. Existing ID: ${a}`])

const whole = await refused(409, () => batchApi.create({ inputs: [{ properties: { email: 'new@x.example' } }, { properties: { email: 'a@x.example' } }] }))
assert.equal(whole.message, 'Contact already exists')
await refused(404, () => basicApi.getById('new@x.example', [], [], [], false, 'email'))

const partial = await batchApi.create({ inputs: [
  { properties: { email: 'a@x.example' }, objectWriteTraceId: '0' }, { properties: { email: 'b@x.example' }, objectWriteTraceId: '1' }] })
assert.equal(partial.numErrors, 1)
assert.deepEqual(partial.errors[0].context, { objectWriteTraceId: ['0'], existingId: [a] })
const b = partial.results[0].id

await basicApi.update(a, { properties: { lifecyclestage: 'lead', firstname: 'Anne' } })
const stage = await basicApi.getById(a, ['lifecyclestage', 'firstname', 'no_such_name'])
assert.equal(stage.properties.lifecyclestage, 'customer')
assert.ok(!('no_such_name' in stage.properties))
const unknown = await refused(400, () => basicApi.update(a, { properties: { no_such_name: '1' } }))
assert.equal(unknown.errors[0].code, 'PROPERTY_DOESNT_EXIST')
const locked = await refused(400, () => basicApi.update(a, { properties: { hs_email_optout: 'true' } }))
assert.equal(locked.errors[0].code, 'READ_ONLY_VALUE')

const merged = await basicApi.merge({ primaryObjectId: a, objectIdToMerge: b })
assert.ok(merged.id !== a && merged.id !== b)
for (const old of [a, b]) assert.equal((await basicApi.getById(old)).id, merged.id)
const absorbed = await batchApi.update({ inputs: [{ id: a, properties: { firstname: 'X' } }] })
assert.deepEqual(absorbed.errors[0].context.ids, [a])
await refused(409, () => make('b@x.example'))

await control('settings', { merge_mode: 'keep_primary' })
const c = await make('c@x.example')
assert.equal((await basicApi.merge({ primaryObjectId: merged.id, objectIdToMerge: c })).id, merged.id)

const secret = await make('secret@x.example', { firstname: 'Secret' })
await basicApi.purge({ objectId: 'secret@x.example', idProperty: 'email' })
await refused(404, () => basicApi.getById(secret))
const blocked = await refused(400, () => make('secret@x.example'))
assert.equal(blocked.errors[0].code, 'INVALID_EMAIL')

const company = (await client.crm.companies.basicApi.create({ properties: { name: 'One', domain: 'https://www.One.example/' } })).id
const twin = (await client.crm.companies.basicApi.create({ properties: { name: 'Twin', domain: 'one.example' } })).id
const joined = await client.crm.companies.basicApi.merge({ primaryObjectId: company, objectIdToMerge: twin })
const all = await client.crm.contacts.getAll(1)
answer({ survivor: merged.id, absorbed: [a, b, c], secret, company: joined.id, twins: [company, twin], contacts: all.map((x) => x.id) })
