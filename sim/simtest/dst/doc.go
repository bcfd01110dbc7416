// Package dst is the deterministic simulation: the whole engine, an org and a portal, or
// two portals with a connection each, in one process and in virtual time. A history, which is drawn from a seed before
// anything runs, says what users do, what befalls requests and where the process
// dies. Every request waits until the scheduler lets it go on, one at a time, so the
// same history gives the same trace. What came of it is judged by the simulators'
// ledgers and records; the engine is asked for its links, issues and conflict log
// alone. A history that fails is shrunk to the steps that matter, and kept.
package dst
