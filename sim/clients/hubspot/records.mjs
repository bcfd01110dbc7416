// Every family of records through its whole life: single, in batches, found by search.
import { client, assert, answer, ids, refused, uniqueKey } from './portal.mjs'

const crm = client.crm
const now = new Date().toISOString()

await crm.schemas.coreApi.create({
  name: 'vehicle', labels: { singular: 'Vehicle', plural: 'Vehicles' }, requiredProperties: ['plate'],
  primaryDisplayProperty: 'plate', searchableProperties: ['plate'], associatedObjects: ['CONTACT'],
  properties: [{ name: 'plate', label: 'Plate', type: 'string', fieldType: 'text' }],
})

// generic is an API of the client for any object type, with the type filled in.
const generic = (type) => Object.fromEntries(['basicApi', 'batchApi', 'searchApi'].map((name) =>
  [name, new Proxy(crm.objects[name], { get: (api, method) => (...args) => api[method](type, ...args) })]))

// forSomeone are a lead's associations: it is made for a contact, by the number that the vendor documents.
async function forSomeone() {
  const someone = await crm.contacts.basicApi.create({ properties: { email: 'lead@x.example' }, associations: [] })
  return [{ to: { id: someone.id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 578 }] }]
}

const families = {
  contacts: [crm.contacts, 'contactinformation', 'lastname', (n) => ({ email: `c${n}@x.example`, lastname: n })],
  companies: [crm.companies, 'companyinformation', 'name', (n) => ({ name: n, domain: `${n}.example` })],
  deals: [crm.deals, 'dealinformation', 'dealname', (n) => ({ dealname: n, dealstage: 'appointmentscheduled' })],
  tickets: [crm.tickets, 'ticketinformation', 'subject', (n) => ({ subject: n, hs_pipeline_stage: '1' })],
  products: [crm.products, 'productinformation', 'name', (n) => ({ name: n, price: '1.5' })],
  line_items: [crm.lineItems, 'lineiteminformation', 'name', (n) => ({ name: n, quantity: '2' })],
  leads: [crm.objects.leads, 'leadinformation', 'hs_lead_name', (n) => ({ hs_lead_name: n }), forSomeone],
  tasks: [crm.objects.tasks, 'engagement', 'hs_task_subject', (n) => ({ hs_timestamp: now, hs_task_subject: n })],
  notes: [crm.objects.notes, 'engagement', 'hs_note_body', (n) => ({ hs_timestamp: now, hs_note_body: n })],
  calls: [crm.objects.calls, 'engagement', 'hs_call_title', (n) => ({ hs_timestamp: now, hs_call_title: n })],
  meetings: [crm.objects.meetings, 'engagement', 'hs_meeting_title', (n) => ({ hs_timestamp: now, hs_meeting_title: n })],
  emails: [crm.objects.emails, 'engagement', 'hs_email_subject', (n) => ({ hs_timestamp: now, hs_email_direction: 'EMAIL', hs_email_subject: n })],
  communications: [crm.objects.communications, 'engagement', 'hs_communication_body', (n) => ({
    hs_timestamp: now, hs_communication_channel_type: 'SMS', hs_communication_logged_from: 'CRM', hs_communication_body: n })],
  postal_mail: [crm.objects.postalMail, 'engagement', 'hs_postal_mail_body', (n) => ({ hs_timestamp: now, hs_postal_mail_body: n })],
  vehicle: [generic('vehicle'), 'vehicle_information', 'plate', (n) => ({ plate: n })],
}

async function life(type, [api, group, title, make, related]) {
  await uniqueKey(type, group)
  const associations = related ? await related() : []
  const one = await api.basicApi.create({ properties: make('first'), associations })
  assert.ok(one.createdAt instanceof Date && one.archived === false)
  assert.equal((await api.basicApi.getById(one.id, [title])).properties[title], 'first')

  await api.basicApi.update(one.id, { properties: { [title]: 'second', outer_key: 'k1' } })
  const byKey = await api.basicApi.getById('k1', [title], [title], undefined, false, 'outer_key')
  assert.equal(byKey.id, one.id)
  assert.deepEqual(byKey.propertiesWithHistory[title].map((v) => v.value), ['second', 'first'])

  const many = await api.batchApi.create({ inputs: ['b1', 'b2', 'b3'].map((n) => ({ properties: make(n), associations })) })
  assert.equal(many.status, 'COMPLETE')
  const made = ids(many.results)
  const changed = await api.batchApi.update({ inputs: made.map((id) => ({ id, properties: { [title]: `u${id}` } })) })
  assert.equal(changed.results.length, 3)
  const upserted = await api.batchApi.upsert({ inputs: [
    { id: 'k1', idProperty: 'outer_key', properties: { [title]: 'third' } },
    { id: 'k2', idProperty: 'outer_key', properties: make('new') }] })
  assert.deepEqual(upserted.results.map((r) => r._new).sort(), [false, true])
  const fresh = upserted.results.find((r) => r._new).id

  const read = await api.batchApi.read({ inputs: made.map((id) => ({ id })), properties: [title], propertiesWithHistory: [] })
  assert.deepEqual(Object.fromEntries(read.results.map((r) => [r.id, r.properties[title]])), Object.fromEntries(made.map((id) => [id, `u${id}`])))
  const some = await api.batchApi.read({ inputs: [{ id: made[0] }, { id: '1' }], properties: [title], propertiesWithHistory: [] })
  assert.equal(some.numErrors, 1)
  assert.deepEqual(some.errors[0].context.ids, ['1'])

  const found = await api.searchApi.doSearch({ filterGroups: [{ filters: [{ propertyName: title, operator: 'EQ', value: 'third' }] }],
    properties: [title], limit: 10, after: '0', sorts: [] })
  assert.deepEqual([found.total, ids(found.results)], [1, [one.id]])

  const page = await api.basicApi.getPage(2, undefined, [title])
  const next = await api.basicApi.getPage(100, page.paging.next.after, [title])
  assert.deepEqual([...ids(page.results), ...ids(next.results)].sort(), [one.id, ...made, fresh].sort())

  await api.basicApi.archive(made[0])
  await api.batchApi.archive({ inputs: made.slice(1).map((id) => ({ id })) })
  await refused(404, () => api.basicApi.getById(made[0]))
  const gone = await api.basicApi.getPage(100, undefined, [title], undefined, undefined, true)
  assert.deepEqual(ids(gone.results).sort(), made.slice().sort())
  assert.ok(gone.results.every((r) => r.archived && r.archivedAt instanceof Date))
  return { title, kept: one.id, fresh, gone: made }
}

const found = {}
for (const [type, family] of Object.entries(families)) found[type] = await life(type, family)
answer(found)
