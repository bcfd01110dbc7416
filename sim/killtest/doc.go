// Package killtest runs the real program against the real simulators as
// processes of their own, kills it again and again at random moments, lets it
// finish, and compares what the two ledgers and the records tell: every record
// has exactly one partner, every mapped value is equal, nothing was created
// twice and nothing was lost. All of it is tests.
package killtest
