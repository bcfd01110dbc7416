package segment

import (
	"encoding/json"
	"fmt"
)

// FilterError says why a filter tree is refused; the REST layer answers 400
// VALIDATION_ERROR with it.
type FilterError struct {
	Path    string // where, as filterBranches[0].filters[1].operation
	Message string
}

func (e *FilterError) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return fmt.Sprintf("%s: %s", e.Path, e.Message)
}

// Filter is a checked filter tree. It is immutable and safe for concurrent use.
type Filter struct {
}

// Parse reads and checks a filterBranch object: the root must be an OR of ANDs.
// Its error is a *FilterError.
func Parse(raw json.RawMessage) (*Filter, error) {
	return nil, &FilterError{Message: "filters are not supported"}
}

// Evaluate says whether the record belongs to a list with this filter.
func (f *Filter) Evaluate(r Record, env Env) bool { return false }
