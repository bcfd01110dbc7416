// Package salesforcesim is a Salesforce org that speaks the real protocols:
// OAuth, the REST family (records, collections, composite, queries, search,
// describe, replication, Tooling), the SOAP calls that REST lacks, Bulk API 2.0,
// and change and platform events over the Pub/Sub API. It is written from the vendor's documents, shares no code with the
// connector it judges, and does what the vendor does, also where that is
// inconvenient.
//
//	org := salesforcesim.New(salesforcesim.Options{Seed: 1, Limits: true})
//	report, err := org.Load("exports")        // or org.LoadSample(1)
//	http.Serve(listener, org)                 // REST, pages, /_sim, and gRPC over unencrypted HTTP/2
//	org.GRPC().Serve(other)                   // the Pub/Sub API on a port of its own
//	org.As("admin").Update("Account", id, map[string]any{"Phone": "1"})
//
// # How a write goes
//
// Every write, whether by REST, bulk job, page or [Door], is a transaction:
// it is parsed and checked with the rights of its user, stamped with the
// org's clock, and at the end written to the ledger and handed to the event
// bus as one change a record. Rows are immutable; a write puts a new version
// in place of the old one, so the ledger and running queries keep what they
// saw. One lock guards the org; waiting (latency, faults) happens outside it.
//
// # Who may see what
//
// A user's rights are the union of permission sets, kept in the ordinary
// objects PermissionSet, PermissionSetAssignment, ObjectPermissions and
// FieldPermissions. A custom field made through the Tooling API is invisible
// to everybody until FieldPermissions grant it; [Org.AddField] grants it at
// once unless told not to. The integration user holds the set "Integration".
//
// # Breaking it
//
// [Org.AddFault] and POST /_sim/faults make requests, rows or events fail;
// /_sim/clock moves time; /_sim/permissions, /_sim/sharing, /_sim/automation,
// /_sim/validation-rule, /_sim/duplicate-rule, /_sim/assignment-rule change
// how the org behaves; GET /_sim/stats and /_sim/ledger tell what happened.
// Broken connections panic with [http.ErrAbortHandler] as handlers behind
// net/http do; a transport that calls [Org.ServeHTTP] in process recovers it.
//
// # What it leaves out
//
// SOAP calls that REST has too (but create, update, delete), CometD, Bulk API
// 1.0, XML bodies, page layouts, and objects other than those of schema_objects.go, schema_sales.go and schema_setup.go and the custom
// ones of [Options].Objects. docs/fidelity-salesforce.md has the whole list.
package salesforcesim
