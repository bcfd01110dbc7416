// Associations of version 4 and 3, labels on both families of paths.
import { client, assert, answer, refused, advance } from './portal.mjs'

const { v4 } = client.crm.associations
const make = async (type, properties) => (await client.crm.objects.basicApi.create(type, { properties, associations: [] })).id
const contact = await make('contacts', { email: 'a@x.example' })
const loose = await make('contacts', { email: 'b@x.example' })
const [one, two, three] = [await make('companies', { name: '1' }), await make('companies', { name: '2' }), await make('companies', { name: '3' })]
const deal = await make('deals', { dealname: 'D', dealstage: 'appointmentscheduled' })
const types = async (from = contact) => Object.fromEntries((await v4.basicApi.getPage('contacts', from, 'companies')).results
  .map((r) => [String(r.toObjectId), r.associationTypes.map((t) => `${t.category}/${t.typeId}`).sort()]))

const plain = await v4.basicApi.createDefault('contacts', contact, 'companies', one)
assert.deepEqual(plain.results.map((r) => r.associationSpec.associationTypeId), [279, 280])
await v4.basicApi.createDefault('contacts', contact, 'companies', two)
assert.deepEqual(await types(), { [one]: ['HUBSPOT_DEFINED/1', 'HUBSPOT_DEFINED/279'], [two]: ['HUBSPOT_DEFINED/279'] })
const primary = await v4.basicApi.create('contacts', contact, 'companies', two, [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 }])
assert.deepEqual([primary.labels, primary.toObjectId], [['Primary'], Number(two)])
assert.deepEqual(await types(), { [one]: ['HUBSPOT_DEFINED/279'], [two]: ['HUBSPOT_DEFINED/1', 'HUBSPOT_DEFINED/279'] })

// The client asks for labels on /crm/associations/v4/ and, by its generic request, on the documented path.
const made = await v4.schema.definitionsApi.create('contacts', 'companies', { label: 'Adviser', name: 'adviser', inverseLabel: 'Advised by' })
const label = made.results[0].typeId
const documented = await (await client.apiRequest({ path: '/crm/v4/associations/contacts/companies/labels' })).json()
const official = await v4.schema.definitionsApi.getAll('contacts', 'companies')
assert.deepEqual(documented.results, JSON.parse(JSON.stringify(official.results.map(({ category, typeId, label }) => ({ category, typeId, label })))))
await v4.schema.definitionsApi.update('contacts', 'companies', { associationTypeId: label, label: 'Advisor', inverseLabel: 'Advised by' })
const labelled = await v4.batchApi.create('contacts', 'companies', { inputs: [{ _from: { id: contact }, to: { id: three },
  types: [{ associationCategory: 'USER_DEFINED', associationTypeId: label }] }] })
assert.deepEqual(labelled.results[0].labels, ['Advisor'])

const read = await v4.batchApi.getPage('contacts', 'companies', { inputs: [{ id: contact }, { id: loose }] })
assert.equal(read.results.length, 1)
assert.deepEqual([read.numErrors, read.errors[0].subCategory], [1, 'crm.associations.NO_ASSOCIATIONS_FOUND'])
assert.equal(read.results[0].to.find((t) => String(t.toObjectId) === three).associationTypes.length, 2)

await v4.batchApi.archiveLabels('contacts', 'companies', { inputs: [{ _from: { id: contact }, to: { id: three },
  types: [{ associationCategory: 'USER_DEFINED', associationTypeId: label }] }] })
assert.deepEqual((await types())[three], ['HUBSPOT_DEFINED/279'])
await v4.batchApi.archive('contacts', 'companies', { inputs: [{ _from: { id: contact }, to: [{ id: three }] }] })
await v4.basicApi.archive('contacts', contact, 'companies', one)
assert.deepEqual(Object.keys(await types()), [two])
await v4.batchApi.createDefault('deals', 'contacts', { inputs: [{ _from: { id: deal }, to: { id: contact } }] })

// A contact of another company, one way and the other, in version 3.
const v3 = client.crm.associations.batchApi
await v3.create('contacts', 'companies', { inputs: [{ _from: { id: loose }, to: { id: three }, type: 'contact_to_company' }] })
const old = await v3.read('companies', 'contacts', { inputs: [{ id: three }] })
assert.deepEqual(old.results[0].to.map((t) => t.id), [loose, loose])
assert.ok((await client.crm.associations.schema.typesApi.getAll('contacts', 'companies')).results.some((t) => t.id === '279'))
const withOthers = await client.crm.contacts.basicApi.getById(contact, [], [], ['companies', 'deals'])
assert.deepEqual(withOthers.associations.companies.results.map((r) => r.type).sort(), ['contact_to_company', 'contact_to_company_unlabeled'])
await v3.archive('contacts', 'companies', { inputs: [{ _from: { id: loose }, to: { id: three }, type: 'contact_to_company' }] })
assert.deepEqual(await types(loose), {})

await refused(400, () => v4.basicApi.createDefault('contacts', contact, 'contacts', contact))
await v4.schema.definitionsApi.remove('contacts', 'companies', label)

// Once an administrator says so, a company has only so many contacts.
const limits = '/crm/v4/associations/definitions/configurations/companies/contacts'
const limit = (method, path, body) => client.apiRequest({ method, path: limits + path, body }).then((r) => (r.status === 204 ? null : r.json()))
const plainType = { category: 'HUBSPOT_DEFINED', typeId: 280 }
await limit('POST', '/batch/create', { inputs: [{ ...plainType, maxToObjectIds: 1 }] })
const exceeded = await refused(400, () => v4.basicApi.createDefault('contacts', loose, 'companies', two))
assert.equal(exceeded.category, 'VALIDATION_ERROR')
assert.equal((await limit('GET', '')).results.find((l) => l.typeId === 280).userEnforcedMaxToObjectIds, 1)
await limit('POST', '/batch/purge', { inputs: [plainType] })

await advance('2s')
const counted = await client.crm.companies.basicApi.getById(two, ['num_associated_contacts'])
answer({ contact, one, two, three, deal, loose, counted: counted.properties.num_associated_contacts })
