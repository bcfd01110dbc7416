// Package policy holds the rules of the integration: which records may sync,
// what is created, which records are the same thing, what a deletion does, what
// an error means. Every function looks at plain facts and returns a Decision
// with the id of the requirement that decided and the facts it saw, so that
// explain can show both.
//
// The package is pure: no I/O, no clock, no randomness.
package policy
