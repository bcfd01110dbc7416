// Consent hangs off the address, outlives the contact, and is not a property to write.
import { client, assert, answer, refused } from './portal.mjs'

const { definitionApi, statusApi } = client.communicationPreferences
const type = (await definitionApi.getPage()).subscriptionDefinitions[0]
assert.ok(type.isActive && type.createdAt instanceof Date)
const email = 'a@x.example'
const make = async () => (await client.crm.contacts.basicApi.create({ properties: { email } })).id
const optOut = async (id) => (await client.crm.contacts.basicApi.getById(id, [`hs_email_optout_${type.id}`, 'hs_email_optout'])).properties
const status = async () => (await statusApi.getEmailStatus(email)).subscriptionStatuses.find((s) => s.id === type.id).status
const request = { emailAddress: email, subscriptionId: type.id, legalBasis: 'LEGITIMATE_INTEREST_CLIENT', legalBasisExplanation: 'asked' }

const first = await make()
assert.equal(await status(), 'NOT_SUBSCRIBED')
assert.equal((await statusApi.subscribe(request)).status, 'SUBSCRIBED')
assert.equal((await statusApi.unsubscribe(request)).status, 'NOT_SUBSCRIBED')
assert.equal((await optOut(first))[`hs_email_optout_${type.id}`], 'true')
await refused(400, () => statusApi.unsubscribe(request))
await refused(400, () => statusApi.subscribe(request))
await client.crm.contacts.basicApi.archive(first)
const second = await make()
assert.notEqual(second, first)
assert.equal((await optOut(second))[`hs_email_optout_${type.id}`], 'true')

const v4 = (method, path, body) => client.apiRequest({ method, path: `/communication-preferences/v4/${path}`, body }).then((r) => (r.status === 204 ? null : r.json()))
await v4('POST', `statuses/${email}/unsubscribe-all?channel=EMAIL`)
assert.equal((await optOut(second)).hs_email_optout, 'true')
assert.equal((await v4('GET', `statuses/${email}/unsubscribe-all?channel=EMAIL`)).results[0].status, 'UNSUBSCRIBED')
const back = await v4('POST', `statuses/${email}`, { subscriptionId: Number(type.id), statusState: 'SUBSCRIBED', channel: 'EMAIL', legalBasis: 'CONSENT_WITH_NOTICE', legalBasisExplanation: 'asked again' })
assert.equal(back.results[0].setStatusSuccessReason, 'RESUBSCRIBE_OCCURRED')
assert.deepEqual((await v4('GET', `statuses/${email}/unsubscribe-all?channel=EMAIL`)).results, [])
const after = await optOut(second)
answer({ contact: second, type: type.id, all: after.hs_email_optout, one: after[`hs_email_optout_${type.id}`] })
