// Package salesforce speaks to one Salesforce org for one connection: REST,
// composite collections, Bulk API 2.0 and the Pub/Sub API, behind the seam of
// package connector.
//
// Requests are built and answers are parsed by functions without I/O; the
// transport between them adds the token, the deadline and the size cap, and
// turns every refusal into a *connector.Error. Nothing here retries, except
// once after a session expired. The facts come from Salesforce's REST API,
// Bulk API 2.0, Change Data Capture and Pub/Sub API developer guides.
package salesforce
