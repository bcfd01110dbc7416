// Package cli is the command line: one file a verb, and the only place where
// store, connectors and engine are put together.
//
// A store has one engine. Verbs that only read open the store for reading.
// Verbs that act become the engine where none runs; where one runs they leave
// it a command and follow the command to its end, so that both ways do the same
// work by the same code (task.go).
//
// Exit codes: 0 done, 1 not converged, red or refused, 2 wrong usage or
// settings, 3 a side cannot be reached.
package cli
