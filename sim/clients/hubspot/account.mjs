// Who is there: the account, its owners, tokens and their ends.
import { client, connect, hubspot, assert, answer, env, refused, control } from './portal.mjs'

const details = await (await client.apiRequest({ path: '/account-info/v3/details' })).json()
assert.equal(String(details.portalId), env.PORTAL_ID)
const usage = await (await client.apiRequest({ path: '/account-info/v3/api-usage/daily/private-apps' })).json()
assert.ok(usage.results[0].usageLimit > 0)

const owners = client.crm.owners.ownersApi
const first = await owners.getPage(undefined, undefined, 2)
const rest = await owners.getPage(undefined, first.paging.next.after, 2)
assert.equal(new Set([...first.results, ...rest.results].map((o) => o.id)).size, 3)
const sam = (await owners.getPage('sam.seller@portal.example')).results[0]
assert.equal((await owners.getById(sam.userId, 'userId')).id, sam.id)
await control('settings', { deactivate_owner: sam.id })
assert.deepEqual((await owners.getPage('sam.seller@portal.example')).results, [])
const left = (await owners.getPage('sam.seller@portal.example', undefined, 10, true)).results[0]
assert.deepEqual([left.archived, left.userId, left.userIdIncludingInactive], [true, null, sam.userId])
const stranger = await refused(400, () => client.crm.contacts.basicApi.create({ properties: { hubspot_owner_id: String(sam.userId) } }))
assert.equal(stranger.errors[0].code, 'INVALID_OPTION')

const anonymous = connect({ accessToken: '' })
const tokens = anonymous.oauth.tokensApi
const granted = await tokens.create('refresh_token', undefined, undefined, env.CLIENT_ID, env.CLIENT_SECRET, env.REFRESH_TOKEN)
assert.deepEqual([granted.tokenType, granted.expiresIn], ['bearer', 1800])
const info = await anonymous.oauth.accessTokensApi.get(granted.accessToken)
assert.deepEqual([String(info.hubId), info.tokenType], [env.PORTAL_ID, 'access'])
assert.equal((await anonymous.oauth.refreshTokensApi.get(granted.refreshToken)).clientId, env.CLIENT_ID)
const wrong = await refused(400, () => tokens.create('refresh_token', undefined, undefined, env.CLIENT_ID, env.CLIENT_SECRET, 'na1-none'))
assert.deepEqual([wrong.status, wrong.error], ['BAD_REFRESH_TOKEN', 'invalid_grant'])
const page = new URL(anonymous.oauth.getAuthorizationUrl(env.CLIENT_ID, 'http://127.0.0.1/back', 'oauth crm.objects.contacts.read', undefined, undefined, 's1'))
assert.equal(page.pathname, '/oauth/authorize')

const app = connect({ accessToken: granted.accessToken })
const made = await app.crm.contacts.basicApi.create({ properties: { email: 'oauth@x.example' } })
await control('clock', { advance: '31m' })
const late = await refused(401, () => app.crm.contacts.basicApi.getById(made.id))
assert.equal(late.category, 'EXPIRED_AUTHENTICATION')
const again = await tokens.create('refresh_token', undefined, undefined, env.CLIENT_ID, env.CLIENT_SECRET, granted.refreshToken)
app.setAccessToken(again.accessToken)
await app.crm.contacts.basicApi.update(made.id, { properties: { firstname: 'Later' } })

const none = await refused(401, () => anonymous.crm.contacts.basicApi.getPage())
assert.equal(none.category, 'INVALID_AUTHENTICATION')
await control('settings', { remove_scopes: ['crm.objects.deals.read'] })
const scopes = await refused(403, () => client.crm.deals.basicApi.getPage())
assert.equal(scopes.category, 'MISSING_SCOPES')
assert.deepEqual(scopes.errors[0].context.requiredGranularScopes, ['crm.objects.deals.read'])

await anonymous.oauth.refreshTokensApi.archive(granted.refreshToken)
await refused(400, () => tokens.create('refresh_token', undefined, undefined, env.CLIENT_ID, env.CLIENT_SECRET, granted.refreshToken))
answer({ contact: made.id, userAgent: typeof hubspot.Client })
