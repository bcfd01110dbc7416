// Custom objects in a portal whose tier has none.
import { client, answer, refused } from './portal.mjs'

const body = await refused(403, () => client.crm.schemas.coreApi.create({ name: 'car', labels: { singular: 'Car', plural: 'Cars' },
  requiredProperties: [], associatedObjects: [], properties: [] }))
answer({ category: body.category, scopes: body.context.requiredGranularScopes })
