// Package killtest runs the real program against the real simulators as processes of
// their own, on real stores. Between them stand a proxy for each side, one for the stream
// of events and one for PostgreSQL, which break what passes and kill the program at the
// steps of a write and of a commit. Disks fill up, files are locked, databases restart,
// backups are put back, workers of a fleet are killed and frozen. In the end the ledgers
// and the records tell: every record has exactly one partner, every value that a user gave
// last stands on both sides, none went back, and nothing was created twice. All of it is
// tests.
//
// The flags are -kills, how often the program is killed in all, and -seed.
package killtest
