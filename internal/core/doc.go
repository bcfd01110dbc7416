// Package core holds the nouns that every other package speaks (sides, refs,
// records, links, bases, ops, outcomes, decisions, issues) and the pure verbs
// over them: Reconcile, Advance and the brakes.
//
// Nothing here does I/O, reads a clock or draws a random number: callers pass
// times and ids in. Two-sided things are [2]T indexed by Side.
package core
