// Package mapping turns field values of one side into a canonical text that both
// sides share, and canonical text into what the other side stores. It compiles
// the settings' field mappings against both schemas and says what cannot work.
//
// A canonical value is a text: "" is blank. Numbers are decimals without
// superfluous digits, in percent where Salesforce has percent, dates are
// 2006-01-02, times are UTC to the second, which is all that Salesforce keeps, a
// date that meets a time is a day of the mapping's zone, multiple choices are
// sorted sets, choices are written in HubSpot's internal values, rich text that
// meets plain text is what people read of it. Nothing is cut or rounded in
// silence: what a side cannot hold is a FieldIssue.
//
// The package is pure: no I/O, no clock, no randomness.
package mapping
