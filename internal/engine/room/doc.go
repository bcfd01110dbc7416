// Package room is what every room of the engine stands on: the store, the clock
// and the log that it works with, the form in which it refuses something, and how
// it marks records to be looked at. It knows no connection and decides nothing.
package room
