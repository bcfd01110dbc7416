package segment

import "errors"

// Errors of a Store.
var (
	ErrNotFound  = errors.New("list not found")
	ErrNameTaken = errors.New("a list with this name exists for this object type")
	ErrBadList   = errors.New("list definition is not valid")
	ErrNotManual = errors.New("members of a dynamic list cannot be changed by hand")
	ErrBadCursor = errors.New("paging cursor is not valid")
)
