// What the scripts share: HubSpot's client, pointed at the portal under test.
import assert from 'node:assert/strict'
import hubspot from '@hubspot/api-client'

export { assert, hubspot }
export const env = process.env

export function connect(config = {}) {
  return new hubspot.Client({ basePath: env.PORTAL_URL, accessToken: env.TOKEN, ...config })
}

export const client = connect()

// control asks the simulator itself, as its administrator.
export async function control(name, body) {
  const answer = await fetch(`${env.PORTAL_URL}/_sim/${name}`, {
    method: 'POST', headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}` }, body: JSON.stringify(body),
  })
  assert.ok(answer.ok, await answer.text())
}

export const advance = (time) => control('clock', { advance: time })

// refused runs a call that has to fail and gives its status and decoded body.
export async function refused(status, call) {
  try {
    await call()
  } catch (e) {
    assert.equal(e.code, status, e.message)
    return typeof e.body === 'string' ? JSON.parse(e.body) : e.body
  }
  assert.fail(`expected status ${status}`)
}

// answer gives the test its findings, on the last line.
export const answer = (value) => console.log(JSON.stringify(value))

export const ids = (results) => results.map((r) => r.id)

// uniqueKey defines a property of our own that identifies records.
export async function uniqueKey(objectType, groupName) {
  await client.crm.properties.coreApi.create(objectType, {
    name: 'outer_key', label: 'Outer key', type: 'string', fieldType: 'text', groupName, hasUniqueValue: true,
  })
}
