// Lists: by hand, by a filter, and frozen; who joined, in which order.
import { client, assert, answer, advance, refused } from './portal.mjs'

const { listsApi, membershipsApi } = client.crm.lists
const make = async (email) => (await client.crm.contacts.basicApi.create({ properties: { email } })).id
const [a, b, c] = [await make('a@x.example'), await make('b@x.example'), await make('c@y.example')]
const branch = (value) => ({ filterBranchType: 'OR', filterBranchOperator: 'OR', filters: [], filterBranches: [{ filterBranchType: 'AND', filterBranchOperator: 'AND', filterBranches: [],
  filters: [{ filterType: 'PROPERTY', property: 'email', operation: { operationType: 'MULTISTRING', operator: 'CONTAINS', values: [value], includeObjectsWithNoValueSet: false } }] }] })
const members = async (id) => (await membershipsApi.getPage(id)).results.map((m) => m.recordId)

const hand = (await listsApi.create({ name: 'By hand', objectTypeId: '0-1', processingType: 'MANUAL' })).list
const done = await membershipsApi.add(hand.listId, [b, '1'])
assert.deepEqual([done.recordsIdsAdded, done.recordIdsMissing], [[b], ['1']])
await advance('1s')
await membershipsApi.add(hand.listId, [a])
const joined = await membershipsApi.getPageOrderedByAddedToListDate(hand.listId)
assert.deepEqual(joined.results.map((m) => m.recordId), [b, a])
assert.ok(joined.results[0].membershipTimestamp instanceof Date)
const swapped = await membershipsApi.addAndRemove(hand.listId, { recordIdsToAdd: [c], recordIdsToRemove: [b] })
assert.deepEqual([swapped.recordsIdsAdded, swapped.recordIdsRemoved], [[c], [b]])
await membershipsApi.remove(hand.listId, [c])
assert.deepEqual(await members(hand.listId), [a])

const active = (await listsApi.create({ name: 'Active', objectTypeId: '0-1', processingType: 'DYNAMIC', filterBranch: branch('@x.') })).list
assert.equal(active.processingStatus, 'PROCESSING')
const frozen = (await listsApi.create({ name: 'Frozen', objectTypeId: '0-1', processingType: 'SNAPSHOT', filterBranch: branch('@x.') })).list
await advance('5s')
assert.deepEqual(await members(active.listId), [a, b])
const d = await make('d@x.example')
await advance('5s')
assert.deepEqual(await members(active.listId), [a, b, d])
assert.deepEqual(await members(frozen.listId), [a, b])
await refused(400, () => membershipsApi.add(active.listId, [c]))

await membershipsApi.addAllFromList(hand.listId, active.listId)
assert.deepEqual(await members(hand.listId), [a, b, d])
assert.deepEqual((await membershipsApi.getLists('0-1', d)).results.map((m) => m.listId), [hand.listId, active.listId])
await listsApi.updateListFilters(active.listId, { filterBranch: branch('@y.') })
await advance('5s')
assert.deepEqual(await members(active.listId), [c])

await listsApi.updateName(active.listId, 'Ypsilon')
assert.equal((await listsApi.getByName('Ypsilon', '0-1', true)).list.filterBranch.filterBranchType, 'OR')
const taken = await refused(400, () => listsApi.create({ name: 'By hand', objectTypeId: '0-1', processingType: 'MANUAL' }))
assert.equal(taken.category, 'VALIDATION_ERROR')
const found = await listsApi.doSearch({ query: 'o', offset: 0, count: 1, processingTypes: ['DYNAMIC', 'SNAPSHOT'], additionalProperties: ['hs_list_size'] })
assert.deepEqual([found.total, found.hasMore, found.offset, found.lists.length], [2, true, 1, 1])
assert.equal((await listsApi.getAll([hand.listId, frozen.listId])).lists.length, 2)
await listsApi.remove(frozen.listId)
await refused(404, () => listsApi.getById(frozen.listId))
await listsApi.restore(frozen.listId)
assert.equal((await listsApi.getById(frozen.listId)).list.name, 'Frozen')
await membershipsApi.removeAll(hand.listId)
assert.deepEqual(await members(hand.listId), [])
answer({ hand: hand.listId, active: active.listId, frozen: frozen.listId, contacts: [a, b, c, d] })
