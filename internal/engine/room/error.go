package room

import "errors"

// Error codes of the engine.
const (
	CodeNotFound  = "not_found"
	CodeIdentity  = "wrong_account"
	CodeEdition   = "edition_refused"
	CodeSchema    = "schema"
	CodePaused    = "paused"
	CodeBrake     = "brake"
	CodeSyncOff   = "sync_off"
	CodeUsage     = "usage"
	CodeSuspended = "suspended"
	// CodeSchemaChanged asks to open the connection again: see SchemaChanged.
	CodeSchemaChanged = "schema_changed"
)

// Error says what the engine refuses and what a person can do.
type Error struct {
	Code    string
	Message string
	Mend    string
}

// Error is one line with the mend.
func (e *Error) Error() string {
	if e.Mend == "" {
		return e.Message
	}
	return e.Message + " (" + e.Mend + ")"
}

// Stops reports an error by which the store keeps the connection from working.
func Stops(err error) bool {
	var own *Error
	if !errors.As(err, &own) {
		return false
	}
	return own.Code == CodePaused || own.Code == CodeSuspended || own.Code == CodeBrake
}
