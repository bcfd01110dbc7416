// Scenarios for the Pub/Sub API client, chosen by SCENARIO; see jsforce.mjs.
import jsforce from "jsforce";
import PubSubApiClient from "salesforce-pubsub-api-client";

const { ORG_URL, ORG_ID, ADMIN_TOKEN, ADMIN, PASSWORD, USER_TOKEN, CLIENT_ID, CLIENT_SECRET, USERNAME, PRIVATE_KEY, BUS, TOPIC } = process.env;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const app = { authType: "oauth-client-credentials", loginUrl: ORG_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
// The client takes only https addresses here; it sends this one as metadata and calls nothing there.
const supplied = { authType: "user-supplied", accessToken: ADMIN_TOKEN, instanceUrl: "https://sim.my.salesforce.com", organizationId: ORG_ID };
const account = "/data/AccountChangeEvent";

async function connect(config = app) {
  const client = new PubSubApiClient({ pubSubEndpoint: BUS, rejectUnauthorizedSsl: false, ...config }, quiet);
  await client.connect();
  return client;
}

const org = new jsforce.Connection({ instanceUrl: ORG_URL, accessToken: ADMIN_TOKEN, version: "65.0" });
const plain = (v) => JSON.parse(JSON.stringify(v, (_, x) => (typeof x === "bigint" ? Number(x) : x)));

// gather collects what a subscription calls back with until enough are there.
function gather(start, enough) {
  return new Promise((resolve, reject) => {
    const seen = { events: [], kinds: [], info: null };
    const timer = setTimeout(() => reject(new Error("no answer in time: " + JSON.stringify(seen.kinds))), 20000);
    const done = (value) => {
      clearTimeout(timer);
      resolve(value);
    };
    start((info, kind, data) => {
      seen.info = info;
      seen.kinds.push(kind);
      if (kind === "event") seen.events.push(plain(data));
      if (kind === "error") {
        seen.error = { code: data.code, details: data.details ?? data.message, trailers: data.metadata?.getMap?.() };
        done(seen);
      }
      if (enough(seen)) done(seen);
    });
  });
}

const several = (n) => (seen) => seen.events.length >= n;
const short = (e) => ({ type: e.payload.ChangeEventHeader.changeType, ids: e.payload.ChangeEventHeader.recordIds, changed: e.payload.ChangeEventHeader.changedFields,
  nulled: e.payload.ChangeEventHeader.nulledFields, origin: e.payload.ChangeEventHeader.changeOrigin, name: e.payload.Name, phone: e.payload.Phone, billing: e.payload.BillingAddress, replayId: e.replayId });

const scenarios = {
  async signIn() {
    const ways = { "oauth-client-credentials": { loginUrl: ORG_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
      "oauth-jwt-bearer": { loginUrl: ORG_URL, clientId: CLIENT_ID, username: USERNAME, privateKey: PRIVATE_KEY },
      "username-password": { loginUrl: ORG_URL, username: ADMIN, password: PASSWORD, userToken: USER_TOKEN } };
    const seen = {};
    for (const [authType, more] of Object.entries(ways)) {
      const client = await connect({ authType, ...more });
      const got = await gather((cb) => client.subscribeFromEarliestEvent(account, cb, 1), several(1));
      seen[authType] = got.events.length;
      client.close();
    }
    return seen;
  },
  async whole() {
    const client = await connect();
    const got = await gather((cb) => client.subscribeFromEarliestEvent(TOPIC, cb, 2), several(2));
    client.close();
    return got.events.map((e) => e.payload);
  },
  async changes() {
    const client = await connect();
    const got = await gather((cb) => client.subscribeFromEarliestEvent(account, cb, 4), several(4));
    client.close();
    return got.events.map(short);
  },
  async replay() {
    const client = await connect();
    const all = await gather((cb) => client.subscribeFromEarliestEvent(account, cb, 4), several(4));
    client.close();
    const second = await connect();
    const rest = await gather((cb) => second.subscribeFromReplayId(account, cb, 2, all.events[1].replayId), several(2));
    second.close();
    return { all: all.events.map((e) => e.replayId), rest: rest.events.map((e) => e.replayId), last: rest.info.receivedEventCount };
  },
  async latest() {
    const client = await connect();
    const got = gather((cb) => client.subscribe(account, cb, 1), several(1));
    let stop = false;
    got.then(() => (stop = true), () => (stop = true));
    const names = [];
    while (!stop) {
      names.push("Latest " + names.length);
      await org.sobject("Account").create({ Name: names.at(-1) });
    }
    client.close();
    return { name: (await got).events[0].payload.Name, names };
  },
  async refused() {
    const out = {};
    const before = await connect();
    const old = (await gather((cb) => before.subscribeFromEarliestEvent(account, cb, 1), several(1))).events[0].replayId;
    before.close();
    await fetch(ORG_URL + "/_sim/expire-events", { method: "POST", headers: { authorization: "Bearer " + ADMIN_TOKEN } });
    for (const [name, topic, id, config] of [["expired", account, old, {}], ["foreign", account, 12345, {}], ["unknown", "/data/NopeChangeEvent", null, {}], ["token", account, null, { accessToken: "00D!no" }],
      ["tenant", account, null, { organizationId: "00D000000000000EAA" }]]) {
      const client = await connect(Object.keys(config).length ? { ...supplied, ...config } : app);
      const got = await gather((cb) => (id ? client.subscribeFromReplayId(topic, cb, 1, id) : client.subscribe(topic, cb, 1)), (s) => s.error || s.kinds.includes("end"));
      out[name] = got.error;
      client.close();
    }
    return out;
  },
  async publish() {
    const client = await connect();
    const body = { CreatedDate: Date.now(), CreatedById: "005000000000000AAA", Note__c: { string: "hello" }, Amount__c: { double: 2.5 }, Done__c: null };
    const one = await client.publish("/event/Order__e", body, "key-1");
    const bad = await client.publish("/event/Order__e", { Note__c: 5 }).then((r) => ({ error: r.error?.msg }), (e) => ({ error: e.message }));
    const batch = await new Promise((resolve, reject) => {
      client.publishBatch("/event/Order__e", [{ payload: body }, { payload: body, id: "key-3" }], (info, kind, data) => {
        if (kind === "publishResponse") resolve(plain(data));
        if (kind === "error") reject(data);
      }).catch(reject);
    });
    const got = await gather((cb) => client.subscribeFromEarliestEvent("/event/Order__e", cb, 3), several(3));
    client.close();
    return { one: plain(one), bad, batch, notes: got.events.map((e) => [e.payload.Note__c, e.payload.Amount__c, e.payload.Done__c, e.id]) };
  },
  async managed() {
    const made = await org.tooling.sobject("ManagedEventSubscription").create({ FullName: "Sync_Managed", Metadata: { label: "Sync", topicName: account, defaultReplay: "EARLIEST", state: "RUN", errorRecoveryReplay: "LATEST" } });
    const first = await connect();
    const two = await gather((cb) => first.subscribeWithManagedSubscription("Sync_Managed", cb, 2), several(2));
    const committed = gather((cb) => first.subscribeWithManagedSubscription(made.id, cb, 1), several(1)).catch(() => null);
    first.commitReplayId(made.id, two.events[1].replayId);
    await committed;
    first.close();
    // A commit is answered on the stream that this client keeps to itself: ask until the server has it.
    let rest = two;
    while (rest.events[0].replayId <= two.events[1].replayId) {
      const second = await connect();
      rest = await gather((cb) => second.subscribeWithManagedSubscription(made.id, cb, 2), several(2));
      second.close();
    }
    return { id: made.id, two: two.events.map(short), rest: rest.events.map(short) };
  },
};

const answer = await scenarios[process.env.SCENARIO]();
console.log(JSON.stringify(answer));
process.exit(0);
