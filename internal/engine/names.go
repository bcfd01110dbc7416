package engine

import "tandem/internal/engine/room"

// Error says what the engine refuses and what a person can do.
type Error = room.Error

// Error codes of the engine.
const (
	CodeNotFound      = room.CodeNotFound
	CodeIdentity      = room.CodeIdentity
	CodeEdition       = room.CodeEdition
	CodeSchema        = room.CodeSchema
	CodePaused        = room.CodePaused
	CodeBrake         = room.CodeBrake
	CodeSyncOff       = room.CodeSyncOff
	CodeUsage         = room.CodeUsage
	CodeSuspended     = room.CodeSuspended
	CodeSchemaChanged = room.CodeSchemaChanged
)
