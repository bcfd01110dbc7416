package certify_test

import (
	"bytes"
	"slices"
	"time"
)

func plants() []*plant {
	return slices.Concat(orgReadPlants(), orgWritePlants(), eventPlants(), portalReadPlants(), portalWritePlants())
}

func orgReadPlants() []*plant {
	return []*plant{
		{name: "token without instance", side: org, on: "POST /services/oauth2/token", with: "client_credentials", change: replaced(`"issued_at"`, `"issued"`), want: []string{"org.auth.grant"}},
		{name: "expired session is 400", side: org, on: "GET .*/limits$", change: turned(401, 400), want: []string{"org.auth.refused"}},
		{name: "session code renamed", side: org, on: "GET .*/limits$", change: perhaps("INVALID_SESSION_ID", "ZYXWER_SECRET_CODE"), want: []string{"org.auth.refused"}},
		{name: "bad grant without error word", side: org, on: "POST /services/oauth2/token", with: "nosuchgrant", change: replaced(`"error"`, `"err"`), want: []string{"org.auth.bad_grant"}},
		{name: "slow answer", side: org, on: "GET /services/data$", change: slow, want: []string{"org.versions"}},
		{name: "pinned version retired", side: org, on: "GET /services/data$", change: replaced(`"65.0"`, `"95.0"`), want: []string{"org.versions"}},
		{name: "limit as text", side: org, on: "GET .*/limits$", change: perhaps(`("DailyApiRequests":\{[^}]*"Max":)(\d+)`, `$1"$2"`), want: []string{"org.limits"}},
		{name: "no usage header", side: org, on: "GET .*/sobjects$", change: without("Sforce-Limit-Info"), want: []string{"org.limits.header"}},
		{name: "field type renamed", side: org, on: "GET .*/Account/describe$", change: perhaps(`"type":"picklist"`, `"type":"Zyxwer"`), want: []string{"org.describe.fields"}},
		{name: "field without nillable", side: org, on: "GET .*/Account/describe$", change: perhaps(`"nillable"`, `"nullable"`), want: []string{"org.describe.fields"}},
		{name: "304 with a body", side: org, on: "GET .*/Account/describe$", change: func(r *reply) {
			if r.status == 304 {
				r.body = []byte("{}")
			}
		}, want: []string{"org.describe.unchanged"}},
		{name: "stamps with milliseconds", side: org, on: `GET .*/query\?q=.*CreatedDate`, change: pattern(`\.000\+0000`, `.123+0000`), want: []string{"org.query.rows"}},
		{name: "rows out of order", side: org, on: `GET .*/query\?q=.*CreatedDate`, change: reversed("records"), want: []string{"org.query.rows"}},
		{name: "count as rows", side: org, on: `GET .*/query\?q=.*COUNT.*User`, change: replaced(`"records":[]`, `"records":[{"n":1}]`), want: []string{"org.query.count"}},
		{name: "short page", side: org, on: `GET .*/query/01g.*-(200|400)$`, change: edit(func(v any) any {
			rows := v.(map[string]any)["records"].([]any)
			v.(map[string]any)["records"] = rows[:len(rows)-1]
			return v
		}), want: []string{"org.query.pages"}},
		{name: "foreign next page", side: org, on: `GET .*/query\?q=.*LIMIT.450`, change: pattern(`"nextRecordsUrl":"`, `"nextRecordsUrl":"https://elsewhere.example`), want: []string{"org.query.pages"}},
		{name: "lost cursor code", side: org, on: `GET .*/query/01g000`, change: replaced("INVALID_QUERY_LOCATOR", "UNKNOWN_EXCEPTION"), want: []string{"org.query.locator"}},
		{name: "unknown field is empty", side: org, on: `GET .*NoSuchField`, change: answered(200, `{"totalSize":0,"done":true,"records":[]}`), want: []string{"org.query.unknown_field"}},
		{name: "syntax error code", side: org, on: `GET .*q=SELECT.FROM`, change: replaced("MALFORMED_QUERY", "INVALID_FIELD"), want: []string{"org.query.malformed"}},
		{name: "deleted rows as live", side: org, on: `GET .*/queryAll\?.*DESC`, change: replaced(`"IsDeleted":true`, `"IsDeleted":false`), want: []string{"org.query.deleted"}},
		{name: "window without end", side: org, on: "GET .*/updated/", change: replaced("latestDateCovered", "latest"), want: []string{"org.replication.updated"}},
		{name: "deletion with a short id", side: org, on: "GET .*/deleted/", change: perhaps(`"id":"(\w{15})\w{3}"`, `"id":"$1"`), want: []string{"org.replication.deleted"}},
		{name: "old start is served", side: org, on: "GET .*/deleted/", change: perhaps("INVALID_REPLICATION_DATE", "UNKNOWN_EXCEPTION"), want: []string{"org.replication.range"}},
		{name: "absent row left out", side: org, on: "POST .*/composite/sobjects/User", change: edit(func(v any) any { return v.([]any)[1:] }), want: []string{"org.collections.read"}},
		{name: "parts in another order", side: org, on: "POST .*/composite$", change: reversed("compositeResponse"), want: []string{"org.composite"}},
		{name: "object without rights", side: org, on: "GET .*/sobjects$", change: pattern(`"replicateable":true`, `"replicable":true`), want: []string{"org.describe.global"}},
		{name: "object missing", side: org, on: "GET .*/sobjects$", change: replaced(`"name":"Account"`, `"name":"Konto"`), want: []string{"org.describe.global"}},
		{name: "batch in another order", side: org, on: "POST .*/composite/batch$", change: reversed("results"), want: []string{"org.composite.batch"}},
		{name: "absent id is 400", side: org, on: "GET .*/sobjects/User/005000000000000AAA$", change: status(400), want: []string{"org.record.absent"}},
	}
}

func orgWritePlants() []*plant {
	return []*plant{
		{name: "create without address", side: org, on: "POST .*/sobjects/Account$", with: "-create", change: without("Location"), want: []string{"org.record.create"}},
		{name: "create is 200", side: org, on: "POST .*/sobjects/Account$", with: "-create", change: status(200), want: []string{"org.record.create"}},
		{name: "refusal without fields", side: org, on: "POST .*/sobjects/Account$", with: `^{"Site":"x"}$`, change: replaced(`["Name"]`, `[]`), want: []string{"org.record.refused"}},
		{name: "update with a body", side: org, on: "PATCH .*/sobjects/Account/001", change: answered(204, `{"success":true}`), want: []string{"org.record.update"}},
		{name: "cleared field kept", side: org, on: `GET .*/Account/001\w+\?fields=Site`, change: replaced(`"Site":null`, `"Site":"before"`), want: []string{"org.record.update"}},
		{name: "deleted code", side: org, on: `GET .*/sobjects/Account/001\w+$`, change: replaced("ENTITY_IS_DELETED", "UNKNOWN_EXCEPTION"), want: []string{"org.record.delete"}},
		{name: "collection in another order", side: org, on: `POST .*/composite/sobjects$`, with: "-partial", change: reversed(""), want: []string{"org.collections.partial"}},
		{name: "collection row code", side: org, on: `POST .*/composite/sobjects$`, with: "-partial", change: replaced(`"statusCode"`, `"errorCode"`), want: []string{"org.collections.partial"}},
		{name: "201 rows taken", side: org, on: `POST .*/composite/sobjects$`, change: turned(400, 200), want: []string{"org.collections.limit"}},
		{name: "tree is 200", side: org, on: `POST .*/composite/tree/Account`, change: turned(201, 200), want: []string{"org.composite.tree"}},
		{name: "tree names the good record", side: org, on: `POST .*/composite/tree/Account`, with: "-broken", change: replaced(`"referenceId":"bad"`, `"referenceId":"good"`), want: []string{"org.composite.tree"}},
		{name: "broken graph is done", side: org, on: `POST .*/composite/graph`, change: replaced(`"isSuccessful":false`, `"isSuccessful":true`), want: []string{"org.composite.graph"}},
		{name: "merged away without master", side: org, on: `GET .*/queryAll\?q=SELECT.IsDeleted%2C.MasterRecordId.FROM`, change: pattern(`"MasterRecordId":"\w+"`, `"MasterRecordId":null`), want: []string{"org.merge"}},
		{name: "merged away into itself", side: org, on: `GET .*/queryAll\?q=SELECT.IsDeleted%2C.MasterRecordId.FROM`, change: pattern(`"MasterRecordId":"001`, `"MasterRecordId":"003`), want: []string{"org.merge"}},
		{name: "children stay with the merged", side: org, on: `GET .*/queryAll\?q=SELECT.ParentId`, change: pattern(`"ParentId":"\w+"`, `"ParentId":null`), want: []string{"org.merge"}},
		{name: "merge refused", side: org, on: "POST /services/Soap/u/", with: "<merge>", change: replaced("<success>true</success>", "<success>false</success>"), want: []string{"org.merge"}},
		{name: "converted lead may be edited", side: org, on: `PATCH .*/sobjects/Lead/`, change: answered(204, ""), want: []string{"org.lead.convert"}},
		{name: "converted lead without contact", side: org, on: `GET .*/queryAll\?.*ConvertedContactId`, change: pattern(`"ConvertedContactId":"\w+"`, `"ConvertedContactId":null`), want: []string{"org.lead.convert"}},
		{name: "upsert of a known is 204", side: org, on: `PATCH .*/Account/Key__c/`, change: func(r *reply) {
			if r.status == 200 {
				r.status, r.body = 204, nil
			}
		}, want: []string{"org.upsert"}},
		{name: "duplicate without id", side: org, on: `POST .*/sobjects/Account$`, with: "-second", change: pattern(`001\w{12,15}`, `another`), want: []string{"org.upsert.duplicate"}},
		{name: "bulk columns in another order", side: org, on: `GET .*/jobs/query/\w+/results`, change: pattern(`"?Id"?,"?Name"?`, `"Name","Id"`), want: []string{"org.bulk.query"}},
		{name: "bulk result without locator", side: org, on: `GET .*/jobs/query/\w+/results`, change: without("Sforce-Locator"), want: []string{"org.bulk.query"}},
		{name: "bulk error text", side: org, on: `GET .*/failedResults`, change: replaced("REQUIRED_FIELD_MISSING", "MISSING"), want: []string{"org.bulk.ingest"}},
		{name: "bulk job never ends", side: org, on: `GET .*/jobs/ingest/\w+$`, change: perhaps(`"JobComplete"`, `"InProgress"`), want: []string{"org.bulk.ingest"}},
	}
}

func portalReadPlants() []*plant {
	return []*plant{
		{name: "token life as text", side: portal, on: "POST /oauth/v1/token", with: "refresh_token", change: pattern(`"expires_in":(\d+)`, `"expires_in":"$1"`), want: []string{"portal.auth.grant"}},
		{name: "bad token category", side: portal, on: "GET /crm/v3/objects/contacts$", change: perhaps(`"category":"\w+AUTHENTICATION"`, `"category":"ZYXWER_SECRET_CODE"`), want: []string{"portal.auth.refused"}},
		{name: "bad grant is 422", side: portal, on: "POST /oauth/v1/token", with: "nosuchgrant", change: status(422), want: []string{"portal.auth.bad_grant"}},
		{name: "portal id as text", side: portal, on: "GET /account-info/v3/details", change: pattern(`"portalId":(\d+)`, `"portalId":"$1"`), want: []string{"portal.account"}},
		{name: "no limits", side: portal, on: `GET /crm/v3/objects/contacts\?limit=1$`, change: without("X-HubSpot-RateLimit-Remaining"), want: []string{"portal.limits.header"}},
		{name: "search tells limits", side: portal, on: "POST .*/contacts/search", with: `^{"limit":1}$`, change: with("X-HubSpot-RateLimit-Remaining", "3"), want: []string{"portal.limits.search"}},
		{name: "list out of order", side: portal, on: `GET /crm/v3/objects/contacts\?limit=3`, change: reversed("results"), want: []string{"portal.list"}},
		{name: "list larger than asked", side: portal, on: `GET /crm/v3/objects/contacts\?limit=3$`, change: edit(func(v any) any {
			rows := v.(map[string]any)["results"].([]any)
			v.(map[string]any)["results"] = append(rows, map[string]any{"id": "999999999999998"})
			delete(v.(map[string]any), "paging")
			return v
		}), want: []string{"portal.list"}},
		{name: "unknown property told", side: portal, on: `GET .*tandem_certify_no_such`, change: replaced(`"firstname"`, `"tandem_certify_no_such_property":null,"firstname"`), want: []string{"portal.record.shape"}},
		{name: "property as number", side: portal, on: `GET .*tandem_certify_no_such`, change: pattern(`"hs_object_id":"(\d+)"`, `"hs_object_id":$1`), want: []string{"portal.record.shape"}},
		{name: "absent record is 410", side: portal, on: "GET /crm/v3/objects/contacts/999999999999999", change: status(410), want: []string{"portal.record.absent"}},
		{name: "absent inputs are 200", side: portal, on: "POST .*/contacts/batch/read", with: "999999999999999", change: turned(207, 200), want: []string{"portal.batch.read"}},
		{name: "101 inputs taken", side: portal, on: "POST .*/contacts/batch/read", with: "999999999990100", change: answered(207, "{}"), want: []string{"portal.batch.limit"}},
		{name: "51 histories taken", side: portal, on: "POST .*/contacts/batch/read", with: "propertiesWithHistory", change: answered(207, "{}"), want: []string{"portal.batch.history"}},
		{name: "search in another order", side: portal, on: "POST .*/contacts/search", with: "ASCENDING", change: reversed("results"), want: []string{"portal.search.page"}},
		{name: "search finds archived", side: portal, on: "POST .*/contacts/search", with: "ASCENDING", change: replaced(`"archived":false`, `"archived":true`), want: []string{"portal.search.page"}},
		{name: "subscription id as number", side: portal, on: "GET .*/v4/definitions", change: pattern(`"id":"(\d+)"`, `"id":$1`), want: []string{"portal.consent.types"}},
		{name: "silence is consent", side: portal, on: "GET .*/statuses/tandem-certify-nobody", change: perhaps("NOT_SPECIFIED", "SUBSCRIBED"), want: []string{"portal.consent.unknown"}},
		{name: "stranger opted out of all", side: portal, on: "GET .*/tandem-certify-nobody.*/unsubscribe-all", change: replaced(`"results":[]`, `"results":[{"status":"SUBSCRIBED"}]`), want: []string{"portal.consent.unknown"}},
		{name: "schema without type id", side: portal, on: "GET /crm-object-schemas/v3/schemas$", change: pattern(`"objectTypeId":"2-(\d+)"`, `"objectTypeId":"$1"`), want: []string{"portal.schemas"}},
		{name: "subscription without actions", side: portal, on: "GET /webhooks-journal/subscriptions/", change: replaced(`"actions"`, `"does"`), want: []string{"portal.journal.subscriptions"}},
		{name: "search beyond the cap", side: portal, on: "POST .*/contacts/search", with: `"10000"`, change: answered(200, `{"total":0,"results":[]}`), want: []string{"portal.search.cap"}},
		{name: "bad filter passed over", side: portal, on: "POST .*/contacts/search", with: `"filters":\[\{"value":"x"\}\]`, change: answered(200, `{"total":0,"results":[]}`), want: []string{"portal.search.refused"}},
		{name: "property without rights", side: portal, on: "GET /crm/v3/properties/contacts", change: replaced(`"readOnlyValue"`, `"readOnly"`), want: []string{"portal.properties"}},
		{name: "properties in pages", side: portal, on: "GET /crm/v3/properties/contacts", change: edit(func(v any) any {
			v.(map[string]any)["paging"] = map[string]any{"next": map[string]any{"after": "1"}}
			return v
		}), want: []string{"portal.properties"}},
		{name: "page instead of JSON", side: portal, on: "GET /crm/v3/owners", change: answered(200, "<html>Zyxwer Handels GmbH</html>"), want: []string{"portal.owners"}},
		{name: "owner id as number", side: portal, on: "GET /crm/v3/owners", change: pattern(`"id":"(\d+)"`, `"id":$1`), want: []string{"portal.owners"}},
		{name: "closed as boolean", side: portal, on: "GET /crm/v3/pipelines/deals", change: pattern(`"isClosed":"(true|false)"`, `"isClosed":$1`), want: []string{"portal.pipelines"}},
		{name: "primary type renumbered", side: portal, on: "GET /crm/v4/associations/contacts/companies/labels", change: replaced(`"typeId":1,`, `"typeId":71,`), want: []string{"portal.labels"}},
		{name: "list kind renamed", side: portal, on: "POST /crm/v3/lists/search", change: replaced(`"MANUAL"`, `"Zyxwer List"`), want: []string{"portal.lists"}},
		{name: "member without a time", side: portal, on: "GET .*/memberships", change: replaced("membershipTimestamp", "membership"), want: []string{"portal.lists.members"}},
		{name: "journal without offset", side: portal, on: "GET /webhooks-journal/journal/", change: replaced("currentOffset", "offset"), want: []string{"portal.journal"}},
	}
}

func portalWritePlants() []*plant {
	return []*plant{
		{name: "create without stamps", side: portal, on: "POST /crm/v3/objects/contacts$", with: "-create@", change: replaced(`"updatedAt"`, `"updated"`), want: []string{"portal.record.create"}},
		{name: "update tells the old value", side: portal, on: "PATCH /crm/v3/objects/contacts/", with: "After", change: replaced(`"After"`, `"Before"`), want: []string{"portal.record.update"}},
		{name: "stale read", side: portal, on: `GET /crm/v3/objects/contacts/\d+\?properties=firstname`, change: replaced(`"After"`, `"Before"`), want: []string{"portal.record.update"}},
		{name: "unknown property written", side: portal, on: "PATCH .*/contacts/", with: "no_such_property", change: answered(200, "{}"), want: []string{"portal.record.refused"}},
		{name: "option code", side: portal, on: "PATCH .*/contacts/", with: "no-such-stage", change: replaced("INVALID_OPTION", "INVALID_LONG"), want: []string{"portal.record.refused"}},
		{name: "conflict without id", side: portal, on: "POST /crm/v3/objects/contacts$", with: "-TAKEN@", change: pattern(`Existing ID: \d+`, "Existing"), want: []string{"portal.record.conflict"}},
		{name: "stage goes backwards", side: portal, on: `GET /crm/v3/objects/contacts/\d+\?properties=lifecyclestage`, change: perhaps(`"lifecyclestage":"customer"`, `"lifecyclestage":"lead"`), want: []string{"portal.lifecycle"}},
		{name: "index two minutes behind", side: portal, on: "POST .*/contacts/search", with: "-search@", change: func(r *reply) {
			if r.w.plants[portal].hits < 60 {
				r.w.advance(2 * time.Second)
				r.body = []byte(`{"total":0,"results":[]}`)
			}
		}, want: []string{"portal.search.lag"}},
		{name: "whole batch is 207", side: portal, on: "POST .*/contacts/batch/create", with: `-whole@`, change: answered(207, `{"results":[]}`), want: []string{"portal.batch.create"}},
		{name: "one trace id twice is 207", side: portal, on: "POST .*/contacts/batch/create", with: `-twice@`, change: answered(207, `{"results":[]}`), want: []string{"portal.batch.trace_twice"}},
		{name: "error without trace id", side: portal, on: "POST .*/contacts/batch/create", with: `-traced@`, change: replaced(`"objectWriteTraceId":["bad"]`, `"objectWriteTraceId":["good"]`), want: []string{"portal.batch.create_traced"}},
		{name: "update of the absent is 200", side: portal, on: "POST .*/contacts/batch/update", with: "999999999999999", change: status(200), want: []string{"portal.batch.update"}},
		{name: "unfit value by row", side: portal, on: "POST .*/contacts/batch/update", with: "no-such-stage", change: status(207), want: []string{"portal.batch.update_refused"}},
		{name: "upsert without new", side: portal, on: "POST .*/contacts/batch/upsert", change: replaced(`"new"`, `"fresh"`), want: []string{"portal.batch.upsert"}},
		{name: "address not found at once", side: portal, on: "GET .*/contacts/TANDEM-CERTIFY", change: status(404), want: []string{"portal.by_address"}},
		{name: "merged id is gone", side: portal, on: `GET /crm/v3/objects/companies/\d+\?properties=hs_merged`, change: status(404), want: []string{"portal.merge"}},
		{name: "merge without list", side: portal, on: `GET /crm/v3/objects/companies/\d+\?properties=hs_merged`, change: pattern(`"hs_merged_object_ids":"[^"]*"`, `"hs_merged_object_ids":null`), want: []string{"portal.merge"}},
		{name: "link id as text", side: portal, on: "POST .*/contacts/companies/batch/read", change: perhaps(`"toObjectId":(\d+)`, `"toObjectId":"$1"`), want: []string{"portal.links"}},
		{name: "no links is no error", side: portal, on: "POST .*/contacts/companies/batch/read", change: func(r *reply) {
			if bytes.Contains(r.body, []byte("NO_ASSOCIATIONS_FOUND")) {
				r.status, r.body = 200, []byte(`{"status":"COMPLETE","results":[]}`)
			}
		}, want: []string{"portal.links.none"}},
		{name: "opted out of all but one", side: portal, on: `GET .*/statuses/tandem-certify-a1b2`, change: func(r *reply) { r.body = bytes.Replace(r.body, []byte(`"UNSUBSCRIBED"`), []byte(`"NOT_SPECIFIED"`), 1) }, want: []string{"portal.consent.optout"}},
		{name: "opt-out without a time", side: portal, on: `GET .*/statuses/tandem-certify-a1b2.*/unsubscribe-all`, change: replaced(`"timestamp"`, `"at"`), want: []string{"portal.consent.optout"}},
		{name: "website with a scheme", side: portal, on: `GET .*/contacts/\d+\?properties=website`, change: replaced(`"website":"example.com"`, `"website":"http://example.com"`), want: []string{"portal.website"}},
		{name: "website of a company", side: portal, on: `GET .*/companies/\d+\?properties=website`, change: replaced(`"website":null`, `"website":"example.com"`), want: []string{"portal.website"}},
		{name: "webhook without its state", side: portal, on: `GET /webhooks/v3/.*/subscriptions`, change: replaced(`"active"`, `"enabled"`), want: []string{"portal.webhooks"}},
		{name: "webhook of an event without object", side: portal, on: `GET /webhooks/v3/.*/subscriptions`, change: perhaps(`"eventType":"\w+\.`, `"eventType":"`), want: []string{"portal.webhooks"}},
		{name: "webhooks without a target", side: portal, on: `GET /webhooks/v3/.*/settings`, change: replaced(`"targetUrl"`, `"target"`), want: []string{"portal.webhooks"}},
		{name: "archived without a time", side: portal, on: `GET .*/contacts/\d+\?archived=true`, change: replaced("archivedAt", "archivedOn"), want: []string{"portal.archive"}},
		{name: "archiving again is 404", side: portal, on: `DELETE .*/contacts/`, change: func(r *reply) {
			if r.w.plants[portal].hits == 3 { // the second of the same record
				r.status, r.body = 404, []byte(`{"status":"error","message":"resource not found"}`)
			}
		}, want: []string{"portal.archive.again"}},
	}
}
