// Package conn is the room of what is known of a connection: whose accounts it joins,
// what both sides show, which fields map, which are keys, notes or traits, and what a
// record says of itself by them. It may know the settings, the schemas and the rules of
// mapping and matching, and reads both sides while a connection is opened. It never
// looks into the store and decides nothing about a record.
package conn
