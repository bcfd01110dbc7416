// An app's own events on the timelines of contacts.
import { client, connect, assert, answer, env, refused } from './portal.mjs'

const app = Number(env.APP_ID)
const { templatesApi } = connect({ accessToken: '', developerApiKey: env.CLIENT_SECRET }).crm.timeline
const { eventsApi } = client.crm.timeline
const template = await templatesApi.create(app, { name: 'Webinar', objectType: 'contacts', headerTemplate: 'Saw {{title}}',
  tokens: [{ name: 'title', label: 'Title', type: 'string' }, { name: 'city', label: 'City', type: 'string', objectPropertyName: 'city' }] })
await templatesApi.update(template.id, app, { id: template.id, name: 'Seminar', tokens: template.tokens })
assert.equal((await templatesApi.getById(template.id, app)).name, 'Seminar')
assert.equal((await templatesApi.getAll(app)).results.length, 1)
await refused(401, () => client.crm.timeline.templatesApi.getAll(app))

const contact = await client.crm.contacts.basicApi.create({ properties: { email: 'a@x.example' } })
const event = await eventsApi.create({ eventTemplateId: template.id, email: 'A@x.example', tokens: { title: 'Syncing', city: 'Bonn' } })
assert.equal(event.objectId, contact.id)
const again = await eventsApi.getById(template.id, event.id)
assert.deepEqual(again.tokens, { title: 'Syncing', city: 'Bonn' })
const batch = await eventsApi.createBatch({ inputs: [
  { eventTemplateId: template.id, email: 'new@x.example', tokens: { city: 'Ulm' } }, { eventTemplateId: template.id, email: 'a@x.example', tokens: { none: '1' } }] })
assert.deepEqual([batch.results.length, batch.errors.length], [1, 1])
await templatesApi.archive(template.id, app)
await refused(400, () => eventsApi.create({ eventTemplateId: template.id, email: 'a@x.example', tokens: {} }))
answer({ contact: contact.id, made: batch.results[0].objectId })
