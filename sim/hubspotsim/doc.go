// Package hubspotsim is a HubSpot portal that speaks the real wire protocol.
//
// A Portal is an http.Handler. It answers the public API (OAuth and private-app
// tokens, account information, properties, records single and in batches,
// search, associations, owners, pipelines, schemas, lists, imports, forms and
// their submissions, e-mail events, event occurrences, communication preferences,
// webhooks and the webhooks journal) on the legacy v3/v4 paths and on the date-based ones, a small page for people at "/", and its own controls
// under "/_sim/".
//
// It is written from the vendor's documents and recorded answers and shares no
// code with any client, so that it can judge one. It does what the vendor does,
// also where that is inconvenient: a batch create without trace ids fails as a
// whole, a merge makes a third id, the lifecycle stage only moves forward,
// unknown properties are dropped on read, search lags behind and never shows
// archived records.
//
// # Controls
//
//	GET  /_sim/stats     calls in all, by endpoint, by client, rejected by limit (JSON)
//	GET  /_sim/ledger    every write, one JSON line a property (time, who, record, before, after)
//	POST /_sim/faults    what to break: {"match":{"method","path"},"do":…,"times":N,"every":K}
//	POST /_sim/clock     {"advance":"1h"}
//	POST /_sim/settings  portal settings at run time (see settings.go)
//	POST /_sim/records   what a person does that no API does: restore, opt out, resubscribe
//
// The POSTs need the admin token. The admin token is a person: what it writes
// through the API carries the change source CRM_UI and counts against no limit.
//
// # Where the documents are silent
//
// Choices that no document settles, and that a client must survive either way:
// a write that changes nothing moves no stamp (Options.NoopBumps turns that
// round); a recalculated roll-up (num_associated_contacts, associatedcompanyid)
// moves the modified stamp about a second after the association, as the vendor
// says of recalculations (Settings.RollupsKeepStamp turns that round); events of
// the journal name no source of a change, since the vendor's guide shows none
// (Settings.JournalSource adds it); a company made
// from an e-mail domain carries the record source CONTACTS; restoring a contact
// whose address was taken meanwhile is refused; batch/read by an absorbed id
// answers with the survivor; a value over 65,536 characters is refused with
// INVALID_LENGTH; control characters other than tab and line feed are dropped;
// an address deleted for privacy is refused to apps with INVALID_EMAIL, while a
// person may enter it again; a unique property that is taken answers 409 like an
// e-mail address (Settings.UniqueConflict gives the other reading); custom
// properties of companies and contacts keep 20 versions alike.
package hubspotsim
