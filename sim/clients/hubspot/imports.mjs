// An import of people with their companies, and one that is called off.
import { client, assert, answer, refused, advance } from './portal.mjs'

const api = client.crm.imports
const column = (columnObjectTypeId, columnName, propertyName, columnType) => ({ columnObjectTypeId, columnName, propertyName, columnType })
const request = (name, fileName, columnMappings) => JSON.stringify({ name, dateFormat: 'DAY_MONTH_YEAR',
  importOperations: { '0-1': 'UPSERT', '0-2': 'UPSERT' }, files: [{ fileName, fileFormat: 'CSV', fileImportPage: { hasHeader: true, columnMappings } }] })
const columns = [column('0-1', 'Mail', 'email', 'HUBSPOT_ALTERNATE_ID'), column('0-1', 'Name', 'lastname'), column('0-1', 'Met', 'hs_lead_status'),
  column('0-2', 'Firm', 'name'), column('0-2', 'Web', 'domain', 'HUBSPOT_ALTERNATE_ID')]
const file = (rows) => ({ name: 'people.csv', data: Buffer.from(`Mail,Name,Met,Firm,Web\n${rows.join('\n')}\n`) })

const old = await client.crm.contacts.basicApi.create({ properties: { email: 'old@x.example', lastname: 'Before' } })
const job = await api.coreApi.create(file(['old@x.example,After,NEW,Firm,x.example', 'new@x.example,New,,Firm,x.example', 'bad@@,Bad,,,']),
  request('People', 'people.csv', columns))
assert.equal(job.state, 'STARTED')
await advance('5s')
const done = await api.coreApi.getById(Number(job.id))
assert.deepEqual([done.state, done.metadata.counters.TOTAL_ROWS, done.metadata.counters.ERRORS], ['DONE', 3, 1])
const errors = await api.publicImportsApi.getErrors(Number(job.id))
assert.deepEqual(errors.results.map((e) => [e.errorType, e.sourceData.lineNumber]), [['INVALID_EMAIL', 4]])

const second = await api.coreApi.create(file(['never@x.example,Never,,,']), request('Never', 'people.csv', columns))
await api.coreApi.cancel(Number(second.id))
await advance('5s')
assert.equal((await api.coreApi.getById(Number(second.id))).state, 'CANCELED')
await refused(404, () => client.crm.contacts.basicApi.getById('never@x.example', [], [], [], false, 'email'))
await refused(400, () => api.coreApi.create(file([]), request('Bad', 'people.csv', [column('0-1', 'Mail', 'no_such_property')])))
assert.deepEqual((await api.coreApi.getPage()).results.map((j) => j.id), [second.id, job.id])
const fresh = await client.crm.contacts.basicApi.getById('new@x.example', ['hs_object_source'], ['lastname'], ['companies'], false, 'email')
answer({ old: old.id, fresh: fresh.id, company: fresh.associations.companies.results[0].id, source: fresh.properties.hs_object_source,
  history: fresh.propertiesWithHistory.lastname[0].sourceType })
