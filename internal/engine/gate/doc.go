// Package gate is the room of stopping and going: whether a connection may work, and how
// everything that waits in this process feels at once that it may not. It may know what
// the store says of a connection: paused, disconnected, suspended, braked. It never asks
// a side and never ends a stop; only a person does.
package gate
