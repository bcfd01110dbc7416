package engine

import "tandem/internal/core"

// label is a record of the connection as a person reads it.
func (b *batch) label(r core.Ref) string { return b.conn.Pairs.Label(r) }
