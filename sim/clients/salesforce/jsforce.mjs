// Scenarios for jsforce, chosen by SCENARIO. Each prints what it learnt as the last
// line; the test in jsforce_test.go reads that and the org's own records.
import assert from "node:assert/strict";
import jsforce from "jsforce";

const { ORG_URL, ADMIN_TOKEN, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, USERNAME, PASSWORD, ASSERTION } = process.env;
const redirectUri = "http://localhost:1717/callback";

const byToken = () => new jsforce.Connection({ instanceUrl: ORG_URL, accessToken: ADMIN_TOKEN, version: "65.0" });
const oauth2 = (more) => ({ loginUrl: ORG_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUri, ...more });

async function refused(work) {
  try {
    await work();
  } catch (e) {
    return { code: e.errorCode ?? e.name, message: e.message, data: e.data?.content ?? e.data ?? e.content };
  }
  throw new Error("what should be refused was accepted");
}

async function collect(query) {
  const rows = [];
  await new Promise((resolve, reject) => query.on("record", (r) => rows.push(r)).on("end", resolve).on("error", reject).run({ autoFetch: true, maxFetch: 10000 }));
  return { rows, query };
}

const scenarios = {
  async oauth() {
    const conn = new jsforce.Connection({ oauth2: oauth2(), instanceUrl: ORG_URL, version: "65.0" });
    await conn.authorize({ grant_type: "client_credentials" });
    const made = await conn.sobject("Account").create({ Name: "by client credentials" });
    const who = await conn.identity();
    assert.ok(who.id.startsWith("https://"));
    assert.equal(conn.userInfo.organizationId, who.organization_id);
    return { id: made.id, username: who.username };
  },
  async code() {
    const app = new jsforce.OAuth2(oauth2({ useVerifier: true }));
    const page = new URL(app.getAuthorizationUrl({ scope: "api refresh_token", state: "s t" }));
    const form = new URLSearchParams(page.searchParams);
    form.set("username", USERNAME);
    form.set("answer", "allow");
    const location = (await fetch(page.origin + page.pathname, { method: "POST", body: form, redirect: "manual" })).headers.get("location");
    const back = new URL(location);
    assert.equal(back.searchParams.get("state"), "s t");
    const conn = new jsforce.Connection({ oauth2: app, version: "65.0" });
    const user = await conn.authorize(back.searchParams.get("code"));
    assert.ok(conn.refreshToken);
    const again = await refused(() => app.requestToken(back.searchParams.get("code")));
    const made = await conn.sobject("Account").create({ Name: "by code" });
    const { refreshToken } = conn;
    await conn.logoutByOAuth2(true);
    const after = await refused(() => app.refreshToken(refreshToken));
    return { id: made.id, organization: user.organizationId, again: again.code, after: after.code };
  },
  async refresh() {
    let refreshes = 0;
    const conn = new jsforce.Connection({ oauth2: oauth2(), instanceUrl: ORG_URL, accessToken: "00D!expired", refreshToken: REFRESH_TOKEN, version: "65.0" });
    conn.on("refresh", () => refreshes++);
    const made = await Promise.all([1, 2, 3].map((n) => conn.sobject("Account").create({ Name: "refreshed " + n })));
    const dead = new jsforce.Connection({ oauth2: oauth2(), instanceUrl: ORG_URL, accessToken: "00D!expired", refreshToken: "5Aep861nothing", version: "65.0" });
    const failed = await refused(() => dead.sobject("Account").create({ Name: "never" }));
    const bare = new jsforce.Connection({ instanceUrl: ORG_URL, accessToken: "00D!expired", version: "65.0" });
    const session = await refused(() => bare.query("SELECT Id FROM Account"));
    return { refreshes, ids: made.map((m) => m.id), failed: failed.message, session: session.code };
  },
  async jwt() {
    const app = new jsforce.OAuth2({ loginUrl: ORG_URL });
    const conn = new jsforce.Connection({ oauth2: app, instanceUrl: ORG_URL, version: "65.0" });
    await conn.authorize({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: ASSERTION });
    return { username: (await conn.identity()).username };
  },
  async password() {
    const conn = new jsforce.Connection({ oauth2: oauth2(), version: "65.0" });
    await conn.login(USERNAME, PASSWORD);
    const made = await conn.sobject("Account").create({ Name: "by password" });
    const wrong = await refused(() => new jsforce.Connection({ oauth2: oauth2() }).login(USERNAME, "no"));
    const soap = new jsforce.Connection({ loginUrl: ORG_URL, version: "58.0" });
    const user = await soap.login(USERNAME, PASSWORD);
    const second = await soap.sobject("Account").create({ Name: "by SOAP login" });
    const refusedLogin = await refused(() => new jsforce.Connection({ loginUrl: ORG_URL, version: "58.0" }).login(USERNAME, "no"));
    const late = await refused(() => new jsforce.Connection({ loginUrl: ORG_URL, version: "65.0" }).login(USERNAME, PASSWORD));
    const { accessToken } = soap;
    await soap.logout();
    const out = await refused(() => new jsforce.Connection({ instanceUrl: ORG_URL, accessToken, version: "58.0" }).query("SELECT Id FROM Account"));
    return { ids: [made.id, second.id], organization: user.organizationId, wrong: wrong.code, soap: refusedLogin.message, late: late.message, out: out.code };
  },
  async records() {
    const conn = byToken();
    const made = await conn.sobject("Account").create({ Name: "Acme", BillingCity: "Basel", AnnualRevenue: 1250 });
    const got = await conn.sobject("Account").retrieve(made.id);
    assert.equal(got.attributes.type, "Account");
    assert.equal(got.AnnualRevenue, 1250);
    assert.equal(got.BillingAddress.city, "Basel");
    assert.equal(got.Phone, null);
    await conn.sobject("Account").update({ Id: made.id, Name: "Acme Inc", BillingCity: null });
    const removed = await conn.sobject("Account").create({ Name: "Gone" });
    await conn.sobject("Account").destroy(removed.id);
    const gone = await refused(() => conn.sobject("Account").retrieve(removed.id));
    const required = await refused(() => conn.sobject("Account").create({ Phone: "1" }));
    const unknown = await refused(() => conn.sobject("Account").create({ Name: "x", foo: 1 }));
    const never = await refused(() => conn.sobject("Account").update({ Id: "001000000000000AAA", Name: "x" }));
    return { id: made.id, removed: removed.id, gone: gone.code, required: required.code, unknown: unknown.code, never: never.code };
  },
  async upsert() {
    const conn = byToken();
    const first = await conn.sobject("Account").upsert({ Name: "One", Ext__c: "K 1" }, "Ext__c");
    const second = await conn.sobject("Account").upsert({ Name: "Two", Ext__c: "K 1" }, "Ext__c");
    assert.equal(first.created, true);
    assert.equal(second.created, false);
    await conn.sobject("Account").create([{ Name: "a", Loose__c: "same" }, { Name: "b", Loose__c: "same" }]);
    const several = await refused(() => conn.sobject("Account").upsert({ Name: "c", Loose__c: "same" }, "Loose__c"));
    const noField = await refused(() => conn.sobject("Account").upsert({ Name: "d", Namez: "x" }, "Namez"));
    return { id: first.id, again: second.id, several: several.code, urls: several.data, noField: noField.code };
  },
  async collections() {
    const conn = byToken();
    const rows = Array.from({ length: 450 }, (_, i) => ({ Name: "Row " + i, Ext__c: "R" + i }));
    const made = await conn.sobject("Account").create(rows, { allowRecursive: true });
    assert.equal(made.filter((r) => r.success).length, 450);
    const mixed = await conn.sobject("Account").create([{ Name: "good" }, { Phone: "1" }]);
    const none = await conn.sobject("Account").create([{ Name: "rolled back" }, { Phone: "1" }], { allOrNone: true });
    const updated = await conn.sobject("Account").update(made.slice(0, 3).map((r, i) => ({ Id: r.id, Name: "Changed " + i })));
    const upserted = await conn.sobject("Account").upsert([{ Ext__c: "R3", Name: "Upserted" }, { Ext__c: "new", Name: "New" }], "Ext__c");
    const got = await conn.sobject("Account").retrieve([made[0].id, "001000000000000AAA"], { fields: ["Id", "Name"] }).catch((e) => e.message);
    const destroyed = await conn.sobject("Account").destroy(made.slice(400).map((r) => r.id));
    const tooMany = await refused(() => conn.request({ method: "POST", url: "/composite/sobjects", body: JSON.stringify({ records: rows.map((r) => ({ ...r, attributes: { type: "Account" } })) }), headers: { "content-type": "application/json" } }));
    return { ids: made.map((r) => r.id), mixed, none, updated, upserted, got, destroyed: destroyed.length, tooMany: tooMany.code };
  },
  async composite() {
    const conn = byToken();
    const post = (path, body) => conn.requestPost(path, body);
    const v = "/services/data/v65.0";
    const sub = (method, url, referenceId, body) => ({ method, url: v + url, referenceId, body });
    const composite = await post("/composite", { allOrNone: true, compositeRequest: [sub("POST", "/sobjects/Account", "acc", { Name: "Composite" }),
      sub("POST", "/sobjects/Contact", "con", { LastName: "C", AccountId: "@{acc.id}" }), sub("GET", "/sobjects/Account/@{acc.id}?fields=Name", "read")] });
    const batch = await post("/composite/batch", { batchRequests: [{ method: "GET", url: "v65.0/limits" }, { method: "POST", url: "v65.0/sobjects/Account", richInput: { Name: "Batch" } }] });
    const tree = await post("/composite/tree/Account", { records: [{ attributes: { type: "Account", referenceId: "t1" }, Name: "Tree",
      Contacts: { records: [{ attributes: { type: "Contact", referenceId: "t2" }, LastName: "Leaf" }] } }] });
    const graph = await post("/composite/graph", { graphs: [{ graphId: "g1", compositeRequest: [sub("POST", "/sobjects/Account", "a", { Name: "Graph" })] },
      { graphId: "g2", compositeRequest: [sub("POST", "/sobjects/Account", "a", { Name: "Fails" }), sub("POST", "/sobjects/Contact", "b", {})] }] });
    return { composite: composite.compositeResponse.map((r) => r.httpStatusCode), read: composite.compositeResponse[2].body.Name, batch: batch.results.map((r) => r.statusCode),
      tree: tree.results.map((r) => r.referenceId), graph: graph.graphs.map((g) => g.isSuccessful) };
  },
  async describe() {
    const conn = byToken();
    const account = await conn.sobject("Account").describe();
    const all = await conn.describeGlobal();
    const cached = await conn.sobject("Account").describe$();
    assert.equal(cached.name, "Account");
    const name = account.fields.find((f) => f.name === "Name");
    assert.deepEqual([name.type, name.length, name.nillable, name.createable], ["string", 255, false, true]);
    const unknown = await refused(() => conn.sobject("Nope__c").describe());
    return { keyPrefix: account.keyPrefix, children: account.childRelationships.map((c) => c.relationshipName), objects: all.sobjects.map((o) => o.name), unknown: unknown.code };
  },
  async query() {
    const conn = byToken();
    const { rows, query } = await collect(conn.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Page %' ORDER BY Name"));
    assert.equal(query.totalSize, 2300);
    const small = await conn.query("SELECT Id FROM Account WHERE Name LIKE 'Page %'", { headers: { "Sforce-Query-Options": "batchSize=200" } });
    assert.equal(small.done, false);
    const more = await conn.queryMore(small.nextRecordsUrl);
    const lost = await refused(() => conn.queryMore("/services/data/v65.0/query/01g000000000000AAA-200"));
    const found = await conn.sobject("Account").find({ Name: { $like: "Page 000%" } }, "Id, Name, Owner.Name, (SELECT Id, LastName FROM Contacts)").sort("-Name").limit(3).execute();
    const counted = await conn.sobject("Account").count({ Name: { $like: "Page %" } });
    const grouped = await conn.query("SELECT Industry, COUNT(Id) n FROM Account WHERE Name LIKE 'Page %' GROUP BY Industry");
    const explained = await conn.query("SELECT Id FROM Account WHERE Ext__c = 'x'").explain();
    const gone = await conn.query("SELECT Id, IsDeleted FROM Account WHERE IsDeleted = true", { scanAll: true });
    const malformed = await refused(() => conn.query("SELECT FROM Account"));
    const noField = await refused(() => conn.query("SELECT Id, Nope FROM Account"));
    const noType = await refused(() => conn.query("SELECT Id FROM Nope"));
    const view = await conn.query("SELECT Id FROM Account LIMIT 1 FOR VIEW");
    return { rows: rows.length, page: small.records.length + more.records.length, lost: lost.code, found, counted, grouped: grouped.records, plan: explained.plans[0],
      gone: gone.records.map((r) => r.Id), malformed: malformed.code, noField: noField.code, noType: noType.code, view: view.totalSize };
  },
  async replication() {
    const conn = byToken();
    const made = await conn.sobject("Account").create([{ Name: "kept" }, { Name: "dropped" }]);
    await conn.sobject("Account").destroy(made[1].id);
    const start = new Date(Date.now() - 3600e3), end = new Date(Date.now() + 120e3);
    const updated = await conn.sobject("Account").updated(start.toISOString(), end.toISOString());
    const deleted = await conn.sobject("Account").deleted(start.toString(), end.toString());
    const early = await refused(() => conn.sobject("Account").deleted(new Date(Date.now() - 40 * 86400e3).toISOString(), end.toISOString()));
    return { kept: made[0].id, dropped: made[1].id, updated, deleted, early: early.code };
  },
  async meta() {
    const conn = byToken();
    const limits = await conn.limits();
    const who = await conn.identity();
    const versions = await conn.request({ method: "GET", url: "/services/data" });
    await conn.query("SELECT Id FROM User LIMIT 1");
    return { limits: limits.DailyApiRequests, who: { user: who.user_id, org: who.organization_id, username: who.username }, usage: conn.limitInfo.apiUsage, newest: versions.at(-1).version };
  },
  async bulk() {
    const conn = byToken();
    conn.bulk2.pollInterval = 20;
    conn.bulk2.pollTimeout = 30000;
    const inserted = await conn.bulk2.loadAndWaitForResults({ object: "Account", operation: "insert", input: [{ Name: "Bulk 1", Ext__c: "B1" }, { Name: "", Ext__c: "B2" }, { Name: 'Bulk "3", x\ny', Ext__c: "B3" }] });
    const empty = await conn.bulk2.loadAndWaitForResults({ object: "Account", operation: "insert", input: [] }).catch((e) => ({ error: e.message }));
    const upserted = await conn.bulk2.loadAndWaitForResults({ object: "Account", operation: "upsert", externalIdFieldName: "Ext__c", input: [{ Ext__c: "B1", Name: "Bulk one" }, { Ext__c: "B4", Name: "Bulk 4" }] });
    const bad = await conn.bulk2.loadAndWaitForResults({ object: "Account", operation: "insert", input: [{ Name: "x", Nope__c: "1" }] }).catch((e) => ({ error: e.message }));
    const stream = await conn.bulk2.query("SELECT Id, Name, Ext__c, Owner.Name FROM Account WHERE Ext__c LIKE 'B%' ORDER BY Ext__c");
    const rows = await stream.toArray();
    const removed = await conn.bulk2.loadAndWaitForResults({ object: "Account", operation: "delete", input: [{ Id: rows[0].Id }] });
    const all = await (await conn.bulk2.query("SELECT Id, IsDeleted FROM Account WHERE Ext__c LIKE 'B%'", { scanAll: true })).toArray();
    const failedQuery = await conn.bulk2.query("SELECT COUNT(Id) FROM Account").then((s) => s.toArray()).catch((e) => ({ error: e.errorCode ?? e.message }));
    const counts = (r) => [r.successfulResults.length, r.failedResults.length, r.unprocessedRecords?.length];
    return { inserted: counts(inserted), error: inserted.failedResults[0].sf__Error, created: inserted.successfulResults.map((r) => r.sf__Created), empty: empty.error ?? counts(empty), upserted: upserted.successfulResults,
      bad: bad.error ?? counts(bad), rows, removed: removed.successfulResults.map((r) => r.sf__Id), all, failedQuery };
  },
  async soap() {
    const conn = byToken();
    const lead = await conn.sobject("Lead").create({ LastName: "Lead", Company: "Leadco", Email: "l@leadco.test" });
    const converted = await conn.soap.convertLead({ leadId: lead.id, convertedStatus: "Closed - Converted", doNotCreateOpportunity: true });
    const [a, b] = await conn.sobject("Account").create([{ Name: "Master" }, { Name: "Loser" }]);
    const merged = await conn.soap.merge({ masterRecord: { type: "Account", Id: a.id, Phone: "42" }, recordToMergeIds: [b.id] });
    const again = await conn.soap.convertLead({ leadId: lead.id, convertedStatus: "Closed - Converted" });
    const dropped = await conn.sobject("Account").create({ Name: "Back again" });
    await conn.sobject("Account").destroy(dropped.id);
    const back = await conn.soap.undelete([dropped.id]);
    const made = await conn.soap.create([{ type: "Account", Name: "SOAP", NumberOfEmployees: 3 }, { type: "Account", Phone: "1" }]);
    const old = new jsforce.Connection({ instanceUrl: ORG_URL, accessToken: "00D!expired", version: "65.0" });
    const session = await refused(() => old.soap.getUserInfo());
    const stamp = await conn.soap.getServerTimestamp();
    const info = await conn.soap.getUserInfo();
    return { lead: lead.id, converted, master: a.id, loser: b.id, merged, again, back, made, session: session.code, stamp, organization: info.organizationId };
  },
  async search() {
    const conn = byToken();
    const found = await conn.search("FIND {Needle*} IN ALL FIELDS RETURNING Account(Id, Name), Contact(Id, LastName)");
    const bad = await refused(() => conn.search("FIND Needle"));
    return { found: found.searchRecords, bad: bad.code };
  },
};

const answer = await scenarios[process.env.SCENARIO]();
console.log(JSON.stringify(answer));
